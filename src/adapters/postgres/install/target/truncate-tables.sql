-- Empties tables without firing the application's triggers, which would run with the caller's rights. Afterwards each trigger
-- is enabled as it was. `p_tables`: their quoted names.
CREATE OR REPLACE FUNCTION sluice.truncate_tables(p_tables text[]) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_tables text = pg_catalog.array_to_string(p_tables, ', ');
  v_enable text[] = '{}';
  v_trigger record;
BEGIN
  EXECUTE 'LOCK TABLE ' || v_tables || ' IN ACCESS EXCLUSIVE MODE';
  FOR v_trigger IN
    SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS table_name, t.tgname AS name, t.tgenabled AS enabled
    FROM pg_catalog.pg_trigger AS t JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE t.tgtype & 32 <> 0 AND t.tgenabled <> 'D' AND t.tgrelid IN (
      SELECT r.oid FROM pg_catalog.unnest(p_tables::regclass[]) AS r(oid)
      UNION SELECT p.relid FROM pg_catalog.unnest(p_tables::regclass[]) AS r(oid), pg_catalog.pg_partition_tree(r.oid) AS p)
  LOOP
    EXECUTE pg_catalog.format('ALTER TABLE %s DISABLE TRIGGER %I', v_trigger.table_name, v_trigger.name);
    v_enable = v_enable || pg_catalog.format('ALTER TABLE %s ENABLE %s TRIGGER %I', v_trigger.table_name,
      CASE v_trigger.enabled WHEN 'A' THEN 'ALWAYS' WHEN 'R' THEN 'REPLICA' ELSE '' END, v_trigger.name);
  END LOOP;
  EXECUTE 'TRUNCATE ' || v_tables;
  FOR v_trigger IN SELECT pg_catalog.unnest(v_enable) AS enable LOOP EXECUTE v_trigger.enable; END LOOP;
END $f$;
