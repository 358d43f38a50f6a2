-- Drops the triggers of a side's guard, if it has any, in attempts that block readers and writers no longer than each
-- attempt takes.
CREATE OR REPLACE FUNCTION sluice.drop_guard(p_migration text, p_side text, p_lock_ms integer, p_total_ms integer) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $f$
DECLARE
  v_give_up timestamptz = pg_catalog.clock_timestamp() + p_total_ms * interval '1 millisecond';
  v_tables oid[];
  v_drop text;
BEGIN
  LOOP
    BEGIN
      v_tables = sluice.lock_trees(
        ARRAY(SELECT DISTINCT t.tgrelid FROM sluice.guarded AS g
              JOIN pg_catalog.pg_namespace AS n ON n.nspname = g.schema_name
              JOIN pg_catalog.pg_class AS c ON c.relname = g.table_name AND c.relnamespace = n.oid
              CROSS JOIN LATERAL (SELECT relid FROM pg_catalog.pg_partition_tree(c.oid) UNION SELECT c.oid) AS tree
              JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = tree.relid AND t.tgparentid = 0
                AND t.tgname IN ('sluice_guard', 'sluice_guard_truncate')
              WHERE g.migration = p_migration AND g.side = p_side ORDER BY 1),
        'ACCESS EXCLUSIVE', p_lock_ms, 900);
      EXIT;
    EXCEPTION WHEN lock_not_available OR undefined_table THEN
      IF pg_catalog.clock_timestamp() > v_give_up THEN RAISE; END IF;
    END;
    PERFORM pg_catalog.pg_sleep((1 + pg_catalog.random()) * p_lock_ms / 1000);
  END LOOP;
  FOR v_drop IN
    SELECT pg_catalog.format('DROP TRIGGER %I ON %I.%I', t.tgname, n.nspname, c.relname)
    FROM pg_catalog.pg_trigger AS t JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE t.tgrelid = ANY (v_tables) AND t.tgparentid = 0 AND t.tgname IN ('sluice_guard', 'sluice_guard_truncate')
  LOOP
    EXECUTE v_drop;
  END LOOP;
END $f$;
