-- Returns whether others attached a partition to a created table: dropping the table would drop the partition too.
CREATE OR REPLACE FUNCTION sluice.has_foreign_partition(p_created sluice.created) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $f$
  SELECT EXISTS (SELECT FROM pg_catalog.pg_partition_tree(p_created.object) AS p
    WHERE NOT EXISTS (SELECT FROM sluice.created AS c
      WHERE c.owner = p_created.owner AND c.migration = p_created.migration AND c.side = p_created.side
        AND c.kind = 'table' AND c.object = p.relid::oid))
$f$;
