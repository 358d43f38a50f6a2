-- Applies changes row by row, and returns the refused ones with their SQLSTATEs. Rows whose unique values conflict,
-- in a cycle or in a long chain, are all parked and then written. If one of them is refused even then, that is undone
-- and tried again without it, for up to 10 seconds, because the statement must end before its timeout. The function
-- never deletes a row that the source has, and never touches a row whose key is not among the changes. It runs with
-- its caller's rights. `p_changes`: an array of [n, key, texts or null].
CREATE OR REPLACE FUNCTION sluice.apply_each(p_table text, p_identity jsonb, p_settable jsonb, p_upsert text,
  p_delete text, p_park text, p_changes jsonb)
RETURNS TABLE (n bigint, state text, name text) LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_refused jsonb;
  v_conflicts integer[];
  v_position integer;
  v_still_refused jsonb;
  v_give_up timestamptz;
BEGIN
  v_refused = sluice.apply_rounds(p_upsert, p_delete, p_changes,
    ARRAY(SELECT pg_catalog.generate_series(0, pg_catalog.jsonb_array_length(p_changes) - 1)), 8);
  v_give_up = pg_catalog.clock_timestamp() + interval '10 seconds';
  v_conflicts = ARRAY(SELECT (r ->> 0)::integer FROM pg_catalog.jsonb_array_elements(v_refused) AS r WHERE r ->> 1 = '23505');
  WHILE v_conflicts <> '{}' LOOP
    BEGIN
      FOREACH v_position IN ARRAY v_conflicts LOOP
        PERFORM sluice.park_row(p_table, p_identity, p_settable, p_park, (p_changes -> v_position ->> 1)::text[]);
      END LOOP;
      v_still_refused = sluice.apply_rounds(p_upsert, p_delete, p_changes, v_conflicts, 2147483647);
      IF v_still_refused <> '[]' THEN RAISE EXCEPTION USING ERRCODE = 'SL006'; END IF;
      v_refused = sluice.apply_rounds(p_upsert, p_delete, p_changes,
        ARRAY(SELECT (r ->> 0)::integer FROM pg_catalog.jsonb_array_elements(v_refused) AS r
              WHERE (r ->> 0)::integer <> ALL (v_conflicts)), 2147483647);
      v_conflicts = '{}';
    EXCEPTION WHEN SQLSTATE 'SL006' THEN
      v_conflicts = ARRAY(SELECT c FROM pg_catalog.unnest(v_conflicts) AS c
                       WHERE pg_catalog.clock_timestamp() < v_give_up
                         AND NOT EXISTS (SELECT FROM pg_catalog.jsonb_array_elements(v_still_refused) AS r WHERE (r ->> 0)::integer = c));
    END;
  END LOOP;
  RETURN QUERY SELECT (p_changes -> (r ->> 0)::integer ->> 0)::bigint, r ->> 1, r ->> 2
    FROM pg_catalog.jsonb_array_elements(v_refused) AS r;
END $f$;
