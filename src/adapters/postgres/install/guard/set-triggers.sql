-- Creates or disables the triggers of a side's guard: row triggers, because they are cloned to partitions and fire
-- for replicated changes, and a TRUNCATE trigger on every leaf.
CREATE OR REPLACE FUNCTION sluice.set_triggers(
  p_migration text, p_side text, p_state text, p_deadline timestamptz, p_exempt text
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $f$
DECLARE
  v_when text = CASE WHEN p_exempt = '' THEN '' ELSE pg_catalog.format('WHEN (session_user <> %L)', p_exempt) END;
  v_call text;
  v_root record;
  v_leaf record;
BEGIN
  PERFORM pg_catalog.set_config('TimeZone', 'UTC', true), pg_catalog.set_config('DateStyle', 'ISO, YMD', true);
  v_call = pg_catalog.format('EXECUTE FUNCTION sluice.refuse(%L, %L, %L)', p_migration, p_side, coalesce(p_deadline::text, ''));
  FOR v_root IN
    SELECT pg_catalog.format('%I.%I', schema_name, table_name) AS name FROM sluice.guarded
    WHERE migration = p_migration AND side = p_side
  LOOP
    IF p_state IN ('fenced', 'sealed', 'dark') THEN
      EXECUTE pg_catalog.format(
        'CREATE OR REPLACE TRIGGER sluice_guard BEFORE INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW %s %s',
        v_root.name, v_when, v_call);
    END IF;
    FOR v_leaf IN
      SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
      FROM (SELECT relid FROM pg_catalog.pg_partition_tree(v_root.name::regclass)
            UNION SELECT v_root.name::regclass) AS tree
      JOIN pg_catalog.pg_class AS c ON c.oid = tree.relid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    LOOP
      IF p_state IN ('fenced', 'sealed', 'dark') THEN
        EXECUTE pg_catalog.format(
          'CREATE OR REPLACE TRIGGER sluice_guard_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT %s %s',
          v_leaf.name, v_when, v_call);
        EXECUTE pg_catalog.format(
          'ALTER TABLE %s ENABLE ALWAYS TRIGGER sluice_guard, ENABLE ALWAYS TRIGGER sluice_guard_truncate', v_leaf.name);
      ELSIF EXISTS (SELECT FROM pg_catalog.pg_trigger
                    WHERE tgrelid = v_leaf.name::regclass AND tgname = 'sluice_guard_truncate') THEN
        EXECUTE pg_catalog.format(
          'ALTER TABLE %s DISABLE TRIGGER sluice_guard, DISABLE TRIGGER sluice_guard_truncate', v_leaf.name);
      END IF;
    END LOOP;
  END LOOP;
END $f$;
