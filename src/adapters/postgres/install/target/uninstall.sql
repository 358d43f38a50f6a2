-- Restores the tables of one side to what they were, and does not touch the other side, which may be in the same
-- database. It drops the triggers, empties the tables that were empty, drops the created objects (tables in one
-- statement, because they may reference each other; the rest newest first) and revokes the grants. Returns the tables
-- that keep their rows: those that held rows before, those that such a table references, and those to which others attached
-- partitions. The guard stays in state
-- `none`, also where none was registered, so that a registration in flight is refused; a repeated call changes nothing.
-- Owner only.
CREATE OR REPLACE FUNCTION sluice.uninstall(p_owner text, p_migration text, p_side text, p_generation bigint, p_epoch bigint)
RETURNS SETOF text LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_guard sluice.guard;
  v_item record;
  v_tables text;
  v_scopes text = pg_catalog.concat_ws('/', p_owner, p_migration, p_side, '');
BEGIN
  PERFORM sluice.succeed_guard(p_owner, p_migration, p_side, p_generation, p_epoch);
  PERFORM FROM sluice.guard WHERE owner = p_owner AND migration = p_migration AND side = p_side FOR UPDATE;
  IF NOT EXISTS (SELECT FROM sluice.guard WHERE migration = p_migration AND side = p_side AND state <> 'none') THEN
    INSERT INTO sluice.guard AS g (owner, migration, side, generation, epoch, state)
      VALUES (p_owner, p_migration, p_side, p_generation, p_epoch, 'none')
      ON CONFLICT (owner, migration, side) DO UPDATE SET generation = EXCLUDED.generation, epoch = EXCLUDED.epoch
      WHERE g.state = 'none' AND g.generation < EXCLUDED.generation AND g.epoch < EXCLUDED.epoch;
  END IF;
  v_guard = sluice.own_guard(p_owner, p_migration, p_side, p_generation, p_epoch);
  IF v_guard.state = 'none' THEN RETURN; END IF;
  IF v_guard.state = 'open' AND EXISTS (SELECT FROM sluice.lease WHERE pg_catalog.starts_with(scope, v_scopes)) THEN
    RAISE EXCEPTION 'migration % is finished: the tables of its % serve the application', p_migration, p_side
      USING ERRCODE = 'SL002', HINT = 'Nothing was changed. A migration can be aborted only before the flip.';
  END IF;
  WHILE sluice.stop_capture(p_owner, p_migration, p_side, p_generation, p_epoch, 400, 20000) > 0 LOOP END LOOP;
  PERFORM sluice.drop_guard(v_guard.id, 400, 20000);
  PERFORM pg_catalog.set_config('lock_timeout', '2s', true);

  IF EXISTS (SELECT FROM sluice.lease WHERE pg_catalog.starts_with(scope, v_scopes)) THEN
    UPDATE sluice.guarded SET was_empty = false
    WHERE owner = p_owner AND migration = p_migration AND side = p_side AND was_empty
      AND (pg_catalog.to_regclass(pg_catalog.format('%I.%I', schema_name, table_name)) IS DISTINCT FROM relation
        OR EXISTS (SELECT FROM pg_catalog.pg_partition_tree(relation) AS p WHERE p.relid::oid <> ALL (tree)));
    LOOP
      UPDATE sluice.guarded AS g SET was_empty = false
      FROM pg_catalog.pg_constraint AS f
      WHERE g.owner = p_owner AND g.migration = p_migration AND g.side = p_side AND g.was_empty
        AND f.contype = 'f' AND f.conparentid = 0 AND f.confrelid = g.relation
        AND NOT EXISTS (SELECT FROM sluice.guarded AS c
                        WHERE c.owner = p_owner AND c.migration = p_migration AND c.side = p_side AND c.was_empty
                        AND f.conrelid = c.relation);
      EXIT WHEN NOT FOUND;
    END LOOP;
    RETURN QUERY SELECT schema_name || '.' || table_name FROM sluice.guarded
      WHERE owner = p_owner AND migration = p_migration AND side = p_side AND NOT was_empty ORDER BY 1;
    PERFORM sluice.truncate_tables(t.names) FROM (
      SELECT pg_catalog.array_agg(pg_catalog.format('%I.%I', schema_name, table_name)) AS names
      FROM sluice.guarded WHERE owner = p_owner AND migration = p_migration AND side = p_side AND was_empty
    ) AS t WHERE t.names IS NOT NULL;
  END IF;

  PERFORM sluice.lock_table(object, 'ACCESS EXCLUSIVE', pg_catalog.clock_timestamp() + interval '2 seconds') FROM sluice.created
    WHERE owner = p_owner AND migration = p_migration AND side = p_side AND kind = 'table' ORDER BY position;
  PERFORM pg_catalog.set_config('lock_timeout', '2s', true);
  FOR v_item IN SELECT * FROM sluice.still_created(p_owner, p_migration, p_side)
    WHERE kind IN ('view', 'materialized view') ORDER BY position DESC
  LOOP
    EXECUTE pg_catalog.format('DROP %s IF EXISTS %s', v_item.kind, v_item.identity);
  END LOOP;
  RETURN QUERY SELECT c.identity FROM sluice.still_created(p_owner, p_migration, p_side) AS c
    WHERE c.kind = 'table' AND sluice.has_foreign_partition(c) ORDER BY 1;
  SELECT pg_catalog.string_agg(c.identity, ', ' ORDER BY c.position) INTO v_tables
    FROM sluice.still_created(p_owner, p_migration, p_side) AS c WHERE c.kind = 'table' AND NOT sluice.has_foreign_partition(c);
  IF v_tables IS NOT NULL THEN EXECUTE 'DROP TABLE ' || v_tables; END IF;
  FOR v_item IN SELECT * FROM sluice.still_created(p_owner, p_migration, p_side)
    WHERE kind NOT IN ('table', 'view', 'materialized view') ORDER BY (kind = 'schema'), position DESC
  LOOP
    BEGIN
      EXECUTE pg_catalog.format('DROP %s IF EXISTS %s', v_item.kind, v_item.identity);
    EXCEPTION WHEN dependent_objects_still_exist THEN
      -- A table that was kept needs it.
      NULL;
    END;
  END LOOP;
  FOR v_item IN
    SELECT n.nspname, c.identity FROM sluice.created AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.object
    WHERE c.owner = p_owner AND c.migration = p_migration AND c.side = p_side AND c.kind = 'grant'
  LOOP
    EXECUTE pg_catalog.format('REVOKE USAGE ON SCHEMA %I FROM %s', v_item.nspname, v_item.identity);
  END LOOP;

  DELETE FROM sluice.created WHERE owner = p_owner AND migration = p_migration AND side = p_side;
  DELETE FROM sluice.slice WHERE pg_catalog.starts_with(scope, v_scopes);
  DELETE FROM sluice.skipped WHERE pg_catalog.starts_with(scope, v_scopes);
  DELETE FROM sluice.touch WHERE pg_catalog.starts_with(chunk_scope, v_scopes);
  DELETE FROM sluice.lease WHERE pg_catalog.starts_with(scope, v_scopes);
  DELETE FROM sluice.guarded WHERE owner = p_owner AND migration = p_migration AND side = p_side;
  UPDATE sluice.guard SET state = 'none', epoch = p_epoch, deadline = NULL WHERE owner = p_owner AND migration = p_migration AND side = p_side;
END $f$;
