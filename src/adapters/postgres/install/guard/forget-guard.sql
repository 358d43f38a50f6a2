-- Removes an open guard of a side with its triggers, leases and records, and nothing of the application's: it keeps every
-- row, and the tables that the schema files created. The guard stays in state `none` with the epoch. A repeated call
-- changes nothing. Owner only.
CREATE OR REPLACE FUNCTION sluice.forget_guard(p_owner text, p_migration text, p_side text, p_generation bigint, p_epoch bigint)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_guard sluice.guard;
  v_scopes text = pg_catalog.concat_ws('/', p_owner, p_migration, p_side, '');
BEGIN
  PERFORM FROM sluice.guard WHERE owner = p_owner AND migration = p_migration AND side = p_side FOR UPDATE;
  v_guard = sluice.own_guard(p_owner, p_migration, p_side, p_generation, p_epoch);
  IF v_guard.state = 'none' THEN RETURN; END IF;
  IF v_guard.state <> 'open' THEN
    RAISE EXCEPTION 'the guard of the % of migration % is %, not open', p_side, p_migration, v_guard.state
      USING ERRCODE = 'SL002';
  END IF;
  WHILE sluice.stop_capture(p_owner, p_migration, p_side, p_generation, p_epoch, 400, 20000) > 0 LOOP END LOOP;
  PERFORM sluice.drop_guard(v_guard.id, 400, 20000);
  DELETE FROM sluice.created WHERE owner = p_owner AND migration = p_migration AND side = p_side;
  DELETE FROM sluice.slice WHERE pg_catalog.starts_with(scope, v_scopes);
  DELETE FROM sluice.skipped WHERE pg_catalog.starts_with(scope, v_scopes);
  DELETE FROM sluice.touch WHERE pg_catalog.starts_with(chunk_scope, v_scopes);
  DELETE FROM sluice.lease WHERE pg_catalog.starts_with(scope, v_scopes);
  DELETE FROM sluice.guarded WHERE owner = p_owner AND migration = p_migration AND side = p_side;
  UPDATE sluice.guard SET state = 'none', epoch = p_epoch, deadline = NULL
    WHERE owner = p_owner AND migration = p_migration AND side = p_side;
END $f$;
