-- Fences every worker of a side: raises the guard's epoch, then invalidates the side's leases, in the order of their
-- scopes. It also deletes what workers staged, skipped and touched.
CREATE OR REPLACE FUNCTION sluice.revoke_leases(p_migration text, p_side text, p_epoch bigint) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $f$
DECLARE
  v_revoked bigint;
BEGIN
  UPDATE sluice.guard SET epoch = p_epoch, state = CASE state WHEN 'dark' THEN 'revoked' ELSE state END
    WHERE migration = p_migration AND side = p_side AND epoch < p_epoch;
  WITH locked AS (
    SELECT scope FROM sluice.lease
    WHERE pg_catalog.starts_with(scope, p_migration || '/' || p_side || '/') ORDER BY scope FOR UPDATE
  )
  UPDATE sluice.lease AS l SET token = l.token + 1, open = false FROM locked WHERE l.scope = locked.scope;
  GET DIAGNOSTICS v_revoked = ROW_COUNT;
  DELETE FROM sluice.slice WHERE pg_catalog.starts_with(scope, p_migration || '/' || p_side || '/');
  DELETE FROM sluice.skipped WHERE pg_catalog.starts_with(scope, p_migration || '/' || p_side || '/');
  DELETE FROM sluice.touch WHERE pg_catalog.starts_with(chunk_scope, p_migration || '/' || p_side || '/');
  RETURN v_revoked;
END $f$;
