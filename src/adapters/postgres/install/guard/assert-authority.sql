-- Raises as `own_guard` does, and SL002 if the guard was removed. The shared lock on the guard's row makes a later change
-- of the guard wait for the caller's transaction. Fixed statements call it in the statement that it permits.
CREATE OR REPLACE FUNCTION sluice.assert_authority(
  p_owner text, p_migration text, p_side text, p_generation bigint, p_epoch bigint
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_guard sluice.guard;
BEGIN
  PERFORM FROM sluice.guard WHERE owner = p_owner AND migration = p_migration AND side = p_side FOR SHARE;
  v_guard = sluice.own_guard(p_owner, p_migration, p_side, p_generation, p_epoch);
  IF v_guard.state = 'none' THEN
    RAISE EXCEPTION 'nothing was changed on the % of migration %, because the guard of generation % was removed under epoch %',
      p_side, p_migration, p_generation, v_guard.epoch USING ERRCODE = 'SL002';
  END IF;
  RETURN true;
END $f$;
