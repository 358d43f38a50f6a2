-- Restores the tables of one side to what they were, and does not touch the other side, which may be in the same
-- database. It drops the triggers, empties the tables that were empty, drops the created objects (tables in one
-- statement, because they may reference each other; the rest newest first) and revokes the grants. Returns the tables
-- that keep their rows: those that held rows before, and those that such a table references. Owner only.
CREATE OR REPLACE FUNCTION sluice.uninstall(p_migration text, p_side text) RETURNS SETOF text LANGUAGE plpgsql AS $f$
DECLARE
  v_item record;
  v_tables text;
BEGIN
  IF EXISTS (SELECT FROM sluice.guard WHERE migration = p_migration AND side = p_side AND state = 'open')
    AND EXISTS (SELECT FROM sluice.lease WHERE pg_catalog.starts_with(scope, p_migration || '/' || p_side || '/')) THEN
    RAISE EXCEPTION 'migration % is finished: the tables of its % serve the application', p_migration, p_side
      USING ERRCODE = 'SL002', HINT = 'Nothing was changed. A migration can be aborted only before the flip.';
  END IF;
  PERFORM FROM sluice.guard WHERE migration = p_migration AND side = p_side FOR UPDATE;
  WHILE sluice.stop_capture(p_migration, p_side, 400, 20000) > 0 LOOP END LOOP;
  PERFORM sluice.drop_guard(p_migration, p_side, 400, 20000);
  PERFORM pg_catalog.set_config('lock_timeout', '2s', true);

  IF EXISTS (SELECT FROM sluice.lease WHERE pg_catalog.starts_with(scope, p_migration || '/' || p_side || '/')) THEN
    LOOP
      UPDATE sluice.guarded AS g SET was_empty = false
      FROM pg_catalog.pg_constraint AS f
      WHERE g.migration = p_migration AND g.side = p_side AND g.was_empty AND f.contype = 'f' AND f.conparentid = 0
        AND f.confrelid = pg_catalog.format('%I.%I', g.schema_name, g.table_name)::regclass
        AND NOT EXISTS (SELECT FROM sluice.guarded AS c
                        WHERE c.migration = p_migration AND c.side = p_side AND c.was_empty
                        AND f.conrelid = pg_catalog.format('%I.%I', c.schema_name, c.table_name)::regclass);
      EXIT WHEN NOT FOUND;
    END LOOP;
    RETURN QUERY SELECT schema_name || '.' || table_name FROM sluice.guarded
      WHERE migration = p_migration AND side = p_side AND NOT was_empty ORDER BY 1;
    SELECT pg_catalog.string_agg(pg_catalog.format('%I.%I', schema_name, table_name), ', ') INTO v_tables
      FROM sluice.guarded WHERE migration = p_migration AND side = p_side AND was_empty;
    IF v_tables IS NOT NULL THEN EXECUTE 'TRUNCATE ' || v_tables; END IF;
  END IF;

  FOR v_item IN SELECT * FROM sluice.created
    WHERE migration = p_migration AND side = p_side AND kind IN ('view', 'materialized view') ORDER BY position DESC
  LOOP
    EXECUTE pg_catalog.format('DROP %s IF EXISTS %s', v_item.kind, v_item.identity);
  END LOOP;
  SELECT pg_catalog.string_agg(identity, ', ' ORDER BY position) INTO v_tables FROM sluice.created
  WHERE migration = p_migration AND side = p_side AND kind = 'table' AND pg_catalog.to_regclass(identity) IS NOT NULL;
  IF v_tables IS NOT NULL THEN EXECUTE 'DROP TABLE ' || v_tables; END IF;
  FOR v_item IN SELECT * FROM sluice.created
    WHERE migration = p_migration AND side = p_side AND kind NOT IN ('table', 'view', 'materialized view', 'grant')
    ORDER BY (kind = 'schema'), position DESC
  LOOP
    EXECUTE pg_catalog.format('DROP %s IF EXISTS %s', v_item.kind, v_item.identity);
  END LOOP;
  FOR v_item IN SELECT * FROM sluice.created WHERE migration = p_migration AND side = p_side AND kind = 'grant' LOOP
    EXECUTE 'REVOKE ' || v_item.identity;
  END LOOP;

  DELETE FROM sluice.created WHERE migration = p_migration AND side = p_side;
  DELETE FROM sluice.slice WHERE pg_catalog.starts_with(scope, p_migration || '/' || p_side || '/');
  DELETE FROM sluice.skipped WHERE pg_catalog.starts_with(scope, p_migration || '/' || p_side || '/');
  DELETE FROM sluice.touch WHERE pg_catalog.starts_with(chunk_scope, p_migration || '/' || p_side || '/');
  DELETE FROM sluice.lease WHERE pg_catalog.starts_with(scope, p_migration || '/' || p_side || '/');
  DELETE FROM sluice.guarded WHERE migration = p_migration AND side = p_side;
  DELETE FROM sluice.guard WHERE migration = p_migration AND side = p_side;
END $f$;
