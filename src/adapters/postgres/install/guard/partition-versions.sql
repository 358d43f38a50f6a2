-- Lists the partitions of a side's guarded tables, each with its parent and the version of the catalog row that attaches it: a
-- partition that is detached and attached again has another one.
CREATE OR REPLACE FUNCTION sluice.partition_versions(p_owner text, p_migration text, p_side text)
RETURNS TABLE (partition oid, version text) LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $f$
  SELECT i.inhrelid, pg_catalog.concat_ws(':', 'partition', i.inhrelid, i.inhparent, i.xmin)
  FROM sluice.guarded AS g CROSS JOIN LATERAL pg_catalog.unnest(sluice.partition_tree(g.relation)) AS t(relid)
  JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = t.relid AND t.relid <> g.relation
  WHERE g.owner = p_owner AND g.migration = p_migration AND g.side = p_side
$f$;
