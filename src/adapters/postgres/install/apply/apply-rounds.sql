-- Applies changes one by one, each in a subtransaction, and repeats the refused ones in rounds while more than one in
-- `p_share` succeeds. This resolves a short chain of rows that hand on unique values, because each round reverses the
-- order. In a long chain in random order too few rows succeed per round, and the caller parks them instead. Returns
-- the refused changes as JSON: [position, SQLSTATE, constraint]. An SQLSTATE that does not concern the row is raised,
-- and undoes the whole statement. In the statements, $1 is the key and $2 the texts of the row.
CREATE OR REPLACE FUNCTION sluice.apply_rounds(p_upsert text, p_delete text, p_changes jsonb, p_positions integer[],
  p_share integer)
RETURNS jsonb LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_waiting integer[] = p_positions;
  v_refused jsonb;
  v_retry integer[];
  v_position integer;
  v_change jsonb;
  v_state text;
  v_name text;
BEGIN
  LOOP
    v_refused = '[]';
    v_retry = '{}';
    FOREACH v_position IN ARRAY v_waiting LOOP
      v_change = p_changes -> v_position;
      BEGIN
        IF pg_catalog.jsonb_typeof(v_change -> 2) = 'null' THEN
          EXECUTE p_delete USING (v_change ->> 1)::text[];
        ELSE
          EXECUTE p_upsert USING (v_change ->> 1)::text[], v_change -> 2;
        END IF;
      EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE, v_name = CONSTRAINT_NAME;
        IF v_state !~ '^(21|22|23|54|P0|0A|38|39|XX)' THEN RAISE; END IF;
        v_retry = v_position || v_retry;
        v_refused = v_refused || pg_catalog.jsonb_build_array(
          pg_catalog.jsonb_build_array(v_position, v_state, nullif(v_name, '')));
      END;
    END LOOP;
    IF v_retry = '{}' OR pg_catalog.cardinality(v_waiting) - pg_catalog.cardinality(v_retry)
        <= pg_catalog.cardinality(v_waiting) / p_share THEN
      RETURN v_refused;
    END IF;
    v_waiting = v_retry;
  END LOOP;
END $f$;
