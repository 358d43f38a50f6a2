-- Lists the guarded tables that have a relation in common with the given ones: the same table, or a partition of it.
CREATE OR REPLACE FUNCTION sluice.tables_sharing_relations(p_tables text) RETURNS SETOF sluice.guarded LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $f$
  WITH named AS (
    SELECT t ->> 'schema' AS schema_name, t ->> 'name' AS table_name FROM pg_catalog.jsonb_array_elements(p_tables::jsonb) AS t
  ), wanted AS (
    SELECT p.relid::oid AS relation FROM named AS n
    CROSS JOIN LATERAL pg_catalog.pg_partition_tree(pg_catalog.to_regclass(pg_catalog.format('%I.%I', n.schema_name, n.table_name))) AS p
  )
  SELECT d.* FROM sluice.guarded AS d
  WHERE EXISTS (SELECT FROM named AS n WHERE n.schema_name = d.schema_name AND n.table_name = d.table_name)
    OR EXISTS (SELECT FROM pg_catalog.pg_partition_tree(coalesce(d.relation::regclass,
        pg_catalog.to_regclass(pg_catalog.format('%I.%I', d.schema_name, d.table_name)))) AS p
      JOIN wanted AS w ON w.relation = p.relid::oid)
$f$;
