-- Gives a guard that an ended generation left to a newer one of the same control plane, which may then remove it.
-- Generations follow each other in one ledger, so an older one has ended.
CREATE OR REPLACE FUNCTION sluice.succeed_guard(
  p_owner text, p_migration text, p_side text, p_generation bigint, p_epoch bigint
) RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $f$
  UPDATE sluice.guard SET generation = p_generation
  WHERE owner = p_owner AND migration = p_migration AND side = p_side AND state <> 'none'
    AND generation < p_generation AND epoch < p_epoch
$f$;
