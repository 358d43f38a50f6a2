-- Lists facts about the structure of a side's guarded tables and their partitions, each as kind, table and hash: what a
-- comparison of rows depends on. `columns`: names, types and generation. `types`: everything that the types consist of, through
-- domains, composites and ranges. `labels`: one fact for each label of an enum. `keys`: one for each validated foreign key, which
-- is proven; the other constraints prove themselves, and may be changed for rows that they refuse. `children`: tables that inherit from an ordinary table, whose rows it shows. A rewrite of a column changes
-- its catalog row (`attributes`) and the table's file (`files`) at once; grants and statistics change only the first, VACUUM FULL
-- only the second. Both of them on one table count as a rewrite.
CREATE OR REPLACE FUNCTION sluice.structure_facts(p_owner text, p_migration text, p_side text)
RETURNS TABLE (kind text, relation oid, fact text) LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $f$
  WITH RECURSIVE tree AS (
    SELECT DISTINCT t.relid FROM sluice.guarded AS g CROSS JOIN LATERAL pg_catalog.unnest(sluice.partition_tree(g.relation)) AS t(relid)
    WHERE g.owner = p_owner AND g.migration = p_migration AND g.side = p_side
  ), col AS (
    SELECT a.attrelid, a.attnum, a.xmin AS born, a.attname, a.atttypid, a.attgenerated, a.attcollation,
      a.attisdropped, CASE WHEN a.attgenerated <> '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END AS generator
    FROM tree JOIN pg_catalog.pg_attribute AS a ON a.attrelid = tree.relid AND a.attnum > 0
    LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.attgenerated <> ''
  ), type(relid, oid) AS (
    SELECT DISTINCT attrelid, atttypid FROM col WHERE NOT attisdropped AND atttypid >= 16384
    UNION
    SELECT type.relid, p.part FROM type JOIN pg_catalog.pg_type AS t ON t.oid = type.oid CROSS JOIN LATERAL sluice.type_parts(t) AS p(part)
  )
  SELECT 'columns', attrelid, sluice.facts_hash(pg_catalog.string_agg(pg_catalog.concat_ws(' ', attnum, pg_catalog.quote_ident(attname),
      atttypid, attgenerated, attcollation, generator), ',' ORDER BY attnum))
    FROM col WHERE NOT attisdropped GROUP BY attrelid
  UNION ALL
  SELECT 'types', type.relid, sluice.facts_hash(pg_catalog.string_agg(sluice.type_fact(t), ',' ORDER BY t.oid))
    FROM type JOIN pg_catalog.pg_type AS t ON t.oid = type.oid GROUP BY type.relid
  UNION ALL
  SELECT 'labels', min(type.relid), pg_catalog.concat_ws(' ', e.oid, e.enumlabel)
    FROM type JOIN pg_catalog.pg_enum AS e ON e.enumtypid = type.oid GROUP BY e.oid, e.enumlabel
  UNION ALL
  SELECT 'keys', con.conrelid, con.oid::text
    FROM tree JOIN pg_catalog.pg_constraint AS con ON con.conrelid = tree.relid
    WHERE con.contype = 'f' AND con.conparentid = 0 AND con.convalidated
  UNION ALL
  SELECT 'children', c.oid, sluice.facts_hash(pg_catalog.string_agg(i.inhrelid::text, ',' ORDER BY i.inhrelid))
    FROM tree JOIN pg_catalog.pg_class AS c ON c.oid = tree.relid AND c.relkind = 'r'
    LEFT JOIN pg_catalog.pg_inherits AS i ON i.inhparent = c.oid GROUP BY c.oid
  UNION ALL
  SELECT 'attributes', attrelid, sluice.facts_hash(pg_catalog.string_agg(pg_catalog.concat_ws(' ', attnum, born), ',' ORDER BY attnum))
    FROM col GROUP BY attrelid
  UNION ALL
  SELECT 'files', c.oid, c.relfilenode::text FROM tree JOIN pg_catalog.pg_class AS c ON c.oid = tree.relid AND c.relkind = 'r'
$f$;
