-- Creates the lease of a partition, unless it exists.
CREATE OR REPLACE FUNCTION sluice.plan_partition(
  p_owner text, p_migration text, p_side text, p_generation bigint, p_epoch bigint, p_scope text
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$
BEGIN
  PERFORM sluice.assert_authority(p_owner, p_migration, p_side, p_generation, p_epoch);
  PERFORM sluice.assert_own_scope(p_owner, p_migration, p_side, p_generation, p_scope);
  INSERT INTO sluice.lease (scope) VALUES (p_scope) ON CONFLICT (scope) DO NOTHING;
END $f$;
