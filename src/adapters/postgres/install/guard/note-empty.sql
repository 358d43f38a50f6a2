-- Records, once, which tables of a dark side are empty, and returns the others: an abort may empty only the tables that
-- were empty. Owner only.
CREATE OR REPLACE FUNCTION sluice.note_empty(p_owner text, p_migration text, p_side text, p_generation bigint, p_epoch bigint)
RETURNS SETOF text LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_table record;
  v_empty boolean;
BEGIN
  PERFORM sluice.assert_authority(p_owner, p_migration, p_side, p_generation, p_epoch);
  PERFORM FROM sluice.guard WHERE owner = p_owner AND migration = p_migration AND side = p_side AND state = 'dark';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the % of migration % is not dark; others may be writing to its tables', p_side, p_migration
      USING ERRCODE = 'SL002';
  END IF;
  PERFORM pg_catalog.set_config('lock_timeout', '2s', true);
  FOR v_table IN
    SELECT relation::regclass AS name, relation, schema_name, table_name FROM sluice.guarded
    WHERE owner = p_owner AND migration = p_migration AND side = p_side AND was_empty IS NULL
  LOOP
    v_empty = sluice.is_empty(v_table.name);
    UPDATE sluice.guarded SET was_empty = v_empty,
        tree = ARRAY(SELECT relid::oid FROM pg_catalog.pg_partition_tree(v_table.name) UNION SELECT v_table.relation)
      WHERE schema_name = v_table.schema_name AND table_name = v_table.table_name;
  END LOOP;
  RETURN QUERY SELECT '"' || replace(schema_name, '"', '""') || '"."' || replace(table_name, '"', '""') || '"'
    FROM sluice.guarded WHERE owner = p_owner AND migration = p_migration AND side = p_side AND NOT was_empty;
END $f$;
