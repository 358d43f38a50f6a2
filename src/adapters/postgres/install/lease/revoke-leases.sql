-- Fences every worker of a side: raises the guard's epoch, then invalidates the side's leases, in the order of their
-- scopes. It also deletes what workers staged, skipped and touched. A repeated call changes nothing.
CREATE OR REPLACE FUNCTION sluice.revoke_leases(
  p_owner text, p_migration text, p_side text, p_generation bigint, p_epoch bigint
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_guard sluice.guard;
  v_scopes text = pg_catalog.concat_ws('/', p_owner, p_migration, p_side, '');
BEGIN
  PERFORM sluice.succeed_guard(p_owner, p_migration, p_side, p_generation, p_epoch);
  PERFORM FROM sluice.guard WHERE owner = p_owner AND migration = p_migration AND side = p_side FOR UPDATE;
  IF NOT sluice.has_guard(p_owner, p_migration, p_side) THEN RETURN; END IF;
  v_guard = sluice.own_guard(p_owner, p_migration, p_side, p_generation, p_epoch);
  IF v_guard.epoch = p_epoch OR v_guard.state = 'none' THEN RETURN; END IF;
  UPDATE sluice.guard SET epoch = p_epoch, state = CASE state WHEN 'dark' THEN 'revoked' ELSE state END
    WHERE owner = p_owner AND migration = p_migration AND side = p_side;
  PERFORM sluice.close_scopes(v_scopes);
  DELETE FROM sluice.slice WHERE pg_catalog.starts_with(scope, v_scopes);
  DELETE FROM sluice.skipped WHERE pg_catalog.starts_with(scope, v_scopes);
  DELETE FROM sluice.touch WHERE pg_catalog.starts_with(chunk_scope, v_scopes);
END $f$;
