-- Lists the objects of the database, without system schemas and schema sluice. `create_target` compares two such
-- lists to find what the schema files created. `made`: the transaction that wrote the object's catalog row; of a table,
-- its row for the system column tableoid, because every ALTER TABLE writes the others again.
CREATE OR REPLACE FUNCTION sluice.inventory() RETURNS TABLE (kind text, identity text, class oid, born oid, made xid)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $f$
  SELECT o.kind, o.identity, o.class, o.born, o.made FROM (
    SELECT 'schema' AS kind, pg_catalog.quote_ident(nspname) AS identity, oid AS born,
           'pg_catalog.pg_namespace'::regclass AS class, nspname AS place, xmin AS made
    FROM pg_catalog.pg_namespace
    UNION ALL
    SELECT CASE relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
             WHEN 'f' THEN 'foreign table' ELSE 'table' END,
           pg_catalog.format('%I.%I', n.nspname, c.relname), c.oid, 'pg_catalog.pg_class'::regclass, n.nspname, coalesce(a.xmin, c.xmin)
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = -6
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    UNION ALL
    SELECT CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END, pg_catalog.format('%I.%I', n.nspname, t.typname),
           t.oid, 'pg_catalog.pg_type'::regclass, n.nspname, t.xmin
    FROM pg_catalog.pg_type AS t
    JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
    LEFT JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid
    WHERE t.typtype IN ('e', 'd', 'r') OR (t.typtype = 'c' AND c.relkind = 'c')
    UNION ALL
    SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
           pg_catalog.format('%I.%I(%s)', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)),
           p.oid, 'pg_catalog.pg_proc'::regclass, n.nspname, p.xmin
    FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
    UNION ALL
    SELECT 'extension', pg_catalog.quote_ident(extname), oid, 'pg_catalog.pg_extension'::regclass, '', xmin
    FROM pg_catalog.pg_extension
  ) AS o
  WHERE o.place !~ '^pg_' AND o.place NOT IN ('sluice', 'information_schema')
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                    WHERE d.classid = o.class AND d.objid = o.born AND d.objsubid = 0 AND d.deptype IN ('e', 'i'))
$f$;
