-- Returns whether a side of a migration has a guard of this control plane, in any state, or one of another that was not
-- removed. Without one, a removal has nothing to remove.
CREATE OR REPLACE FUNCTION sluice.has_guard(p_owner text, p_migration text, p_side text) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $f$
  SELECT EXISTS (SELECT FROM sluice.guard
    WHERE migration = p_migration AND side = p_side AND (owner = p_owner OR state <> 'none'))
$f$;
