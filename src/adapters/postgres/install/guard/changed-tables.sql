-- Describes the tables of a side's guard that are no longer what they were when it was registered. Such a table can be opened,
-- but not closed: the application may write to another one in its place.
CREATE OR REPLACE FUNCTION sluice.changed_tables(p_owner text, p_migration text, p_side text) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $f$
  SELECT pg_catalog.format(CASE WHEN g.relation IS NULL THEN '%s does not exist' WHEN c.oid IS NULL THEN '%s was dropped' ELSE '%s is now %s' END,
    g.schema_name || '.' || g.table_name, n.nspname || '.' || c.relname)
  FROM sluice.guarded AS g
  LEFT JOIN pg_catalog.pg_class AS c ON c.oid = g.relation LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE g.owner = p_owner AND g.migration = p_migration AND g.side = p_side
    AND (n.nspname::text, c.relname::text) IS DISTINCT FROM (g.schema_name, g.table_name)
  ORDER BY g.schema_name, g.table_name
$f$;
