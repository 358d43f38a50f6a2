-- Records, once, which tables of a side's guard are empty, and returns the others: an abort may empty only the tables
-- that were empty. Owner only.
CREATE OR REPLACE FUNCTION sluice.note_empty(p_migration text, p_side text) RETURNS SETOF text LANGUAGE plpgsql AS $f$
DECLARE
  v_table record;
  v_filled boolean;
BEGIN
  FOR v_table IN
    SELECT * FROM sluice.guarded WHERE migration = p_migration AND side = p_side AND was_empty IS NULL
  LOOP
    EXECUTE pg_catalog.format('SELECT EXISTS (SELECT FROM %I.%I)', v_table.schema_name, v_table.table_name) INTO v_filled;
    UPDATE sluice.guarded SET was_empty = NOT v_filled
      WHERE schema_name = v_table.schema_name AND table_name = v_table.table_name;
  END LOOP;
  RETURN QUERY SELECT '"' || replace(schema_name, '"', '""') || '"."' || replace(table_name, '"', '""') || '"'
    FROM sluice.guarded WHERE migration = p_migration AND side = p_side AND NOT was_empty;
END $f$;
