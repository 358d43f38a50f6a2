-- Lists everything that would keep a side from being fenced soon, or from being opened afterwards. Empty: it is ready.
CREATE OR REPLACE FUNCTION sluice.fence_obstacles(
  p_owner text, p_migration text, p_side text, p_generation bigint, p_epoch bigint, p_lock_ms integer
) RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_guard sluice.guard = sluice.own_guard(p_owner, p_migration, p_side, p_generation, p_epoch);
BEGIN
  IF NOT pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') THEN
    RETURN NEXT pg_catalog.format('login %1$s may not see how long other sessions'' transactions have been open. GRANT pg_monitor TO %2$I',
      current_user, current_user);
  END IF;
  RETURN QUERY SELECT o FROM sluice.lock_obstacles(p_owner, p_migration, p_side, p_lock_ms) AS o;
  RETURN QUERY SELECT o FROM sluice.opening_obstacle(v_guard, p_lock_ms) AS o WHERE o IS NOT NULL;
END $f$;
