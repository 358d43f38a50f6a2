-- Lists the triggers of a guard, without the clones on partitions: they are dropped with their parents.
CREATE OR REPLACE FUNCTION sluice.triggers_of_guard(p_id bigint) RETURNS TABLE (relation oid, name name) LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $f$
  SELECT t.tgrelid, t.tgname FROM pg_catalog.pg_trigger AS t
  WHERE t.tgfoid = pg_catalog.to_regprocedure(pg_catalog.format('sluice.%I()', 'guard_' || p_id)) AND t.tgparentid = 0
$f$;
