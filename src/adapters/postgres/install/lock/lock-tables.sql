-- Locks tables in order, which takes no time per table where nothing holds them: one statement locks a portion at once.
-- Otherwise it waits for the tables of that portion one by one, up to `p_each_ms` each, until an instant at most.
CREATE OR REPLACE FUNCTION sluice.lock_tables(p_tables oid[], p_mode text, p_each_ms integer, p_until timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_tables oid[];
  v_names text[];
BEGIN
  FOR v_first IN 1 .. pg_catalog.cardinality(p_tables) BY 50 LOOP
    SELECT pg_catalog.array_agg(c.oid ORDER BY t.position),
        pg_catalog.array_agg(pg_catalog.format('%I.%I', n.nspname, c.relname) ORDER BY t.position) INTO v_tables, v_names
    FROM pg_catalog.unnest(p_tables[v_first : v_first + 49]) WITH ORDINALITY AS t(relation, position)
    JOIN pg_catalog.pg_class AS c ON c.oid = t.relation JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace;
    CONTINUE WHEN v_tables IS NULL;
    BEGIN
      EXECUTE pg_catalog.format('LOCK TABLE ONLY %s IN %s MODE NOWAIT', pg_catalog.array_to_string(v_names, ', ONLY '), p_mode);
      -- Another table may have taken the name of one of them before it was locked.
      IF v_tables IS DISTINCT FROM ARRAY(SELECT pg_catalog.to_regclass(t.name)::oid
          FROM pg_catalog.unnest(v_names) WITH ORDINALITY AS t(name, position) ORDER BY t.position) THEN
        RAISE lock_not_available;
      END IF;
    EXCEPTION WHEN lock_not_available OR undefined_table THEN
      PERFORM sluice.lock_table(t.relation, p_mode,
        least(p_until, pg_catalog.clock_timestamp() + p_each_ms * interval '1 millisecond'))
      FROM pg_catalog.unnest(v_tables) AS t(relation);
    END;
  END LOOP;
END $f$;
