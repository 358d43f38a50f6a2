-- Returns a table, its partitions, theirs, and so on; also the tables that inherit from it.
CREATE OR REPLACE FUNCTION sluice.partition_tree(p_root oid) RETURNS oid[] LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $f$
  WITH RECURSIVE tree(relid) AS (
    SELECT p_root UNION SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits AS i ON i.inhparent = tree.relid
  )
  SELECT pg_catalog.array_agg(relid ORDER BY relid) FROM tree
$f$;
