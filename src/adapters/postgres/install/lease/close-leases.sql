-- Closes every lease of a generation permanently, under an epoch that is newer than the guard's, so that a claim of an
-- older epoch cannot install a lease afterwards. A repeated call changes nothing.
CREATE OR REPLACE FUNCTION sluice.close_leases(
  p_owner text, p_migration text, p_side text, p_generation bigint, p_epoch bigint
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$
BEGIN
  PERFORM FROM sluice.guard WHERE owner = p_owner AND migration = p_migration AND side = p_side FOR UPDATE;
  PERFORM sluice.assert_authority(p_owner, p_migration, p_side, p_generation, p_epoch);
  UPDATE sluice.guard SET epoch = p_epoch WHERE owner = p_owner AND migration = p_migration AND side = p_side AND epoch < p_epoch;
  IF NOT FOUND THEN RETURN; END IF;
  PERFORM sluice.close_scopes(pg_catalog.concat_ws('/', p_owner, p_migration, p_side, p_generation, ''));
END $f$;
