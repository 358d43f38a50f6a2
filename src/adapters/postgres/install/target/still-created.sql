-- Lists the created objects of a side that still have their name and oid: an object that was dropped and created again
-- belongs to others.
CREATE OR REPLACE FUNCTION sluice.still_created(p_owner text, p_migration text, p_side text) RETURNS SETOF sluice.created
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $f$
  SELECT c.* FROM sluice.created AS c
  JOIN sluice.inventory() AS i ON i.class = c.class AND i.born = c.object AND i.kind = c.kind AND i.identity = c.identity
  WHERE c.owner = p_owner AND c.migration = p_migration AND c.side = p_side
$f$;
