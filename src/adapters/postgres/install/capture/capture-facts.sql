-- Returns what a capture depends on, over the tables of a partition tree that it knows. Catalog rows are distinguished by their xmin, so
-- that a change that was reverted is noticed too. Changing a column's type rewrites both its catalog row
-- (`attributes`) and the table's file (`files`) at once; statistics and grants change only the first, VACUUM FULL
-- only the second.
CREATE OR REPLACE FUNCTION sluice.capture_facts(p_capture bigint, p_tree oid[]) RETURNS jsonb LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $f$
  WITH RECURSIVE capture AS (
    SELECT c.*, pg_catalog.to_regprocedure(pg_catalog.format('sluice.%I()', 'capture_' || c.id)) AS function
    FROM sluice.capture AS c WHERE c.id = p_capture
  ), tree AS (
    SELECT t AS relid FROM pg_catalog.unnest(p_tree) AS t
  ), col AS (
    SELECT a.attrelid, a.attnum, a.xmin AS born, a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attgenerated,
      a.attcollation, a.attisdropped, d.oid AS generator
    FROM tree JOIN pg_catalog.pg_attribute AS a ON a.attrelid = tree.relid AND a.attnum > 0
    LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.attgenerated <> ''
  ), type(oid) AS (
    SELECT atttypid FROM col
    UNION SELECT p.part FROM type JOIN pg_catalog.pg_type AS t ON t.oid = type.oid CROSS JOIN LATERAL sluice.type_parts(t) AS p(part)
  )
  SELECT pg_catalog.jsonb_build_object(
    'tree', pg_catalog.to_jsonb(p_tree),
    'table', (SELECT pg_catalog.concat_ws(' ', c.oid, c.relkind, c.relpersistence)
      FROM capture JOIN pg_catalog.pg_class AS c ON c.oid = capture.relation),
    'name', (SELECT n.nspname = source_schema AND c.relname = source_name FROM capture
      JOIN pg_catalog.pg_class AS c ON c.oid = capture.relation JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace),
    'partitions', sluice.facts_hash((SELECT pg_catalog.string_agg(
        pg_catalog.concat_ws(' ', i.inhrelid, i.inhparent, i.xmin, i.inhdetachpending, c.relkind, c.relpersistence),
        ',' ORDER BY i.inhrelid, i.inhparent)
      FROM pg_catalog.pg_inherits AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid WHERE i.inhrelid IN (SELECT relid FROM tree))),
    'subscribed', EXISTS (SELECT FROM tree JOIN pg_catalog.pg_subscription_rel AS s ON s.srrelid = tree.relid),
    'columns', sluice.facts_hash((SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', attrelid, attnum,
        pg_catalog.quote_ident(attname), atttypid, atttypmod, attnotnull, attgenerated, attcollation, attisdropped, generator),
        ',' ORDER BY attrelid, attnum) FROM col)),
    'types', sluice.facts_hash((SELECT pg_catalog.string_agg(sluice.type_fact(t), ',' ORDER BY t.oid)
      FROM type JOIN pg_catalog.pg_type AS t ON t.oid = type.oid WHERE t.oid >= 16384)),
    'labels', coalesce((SELECT pg_catalog.jsonb_object_agg(e.oid, e.enumlabel)
      FROM type JOIN pg_catalog.pg_enum AS e ON e.enumtypid = type.oid), '{}'),
    'attributes', sluice.facts_hash((SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', attrelid, attnum, born),
        ',' ORDER BY attrelid, attnum) FROM col)),
    'files', sluice.facts_hash((SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', c.oid, c.relfilenode), ',' ORDER BY c.oid)
      FROM tree JOIN pg_catalog.pg_class AS c ON c.oid = tree.relid)),
    'triggers', sluice.facts_hash((SELECT pg_catalog.string_agg(
        pg_catalog.concat_ws(' ', t.tgrelid, t.tgname, t.tgenabled, t.xmin), ',' ORDER BY t.tgrelid, t.tgname)
      FROM tree JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = tree.relid WHERE t.tgfoid = (SELECT function FROM capture))),
    'function', (SELECT sluice.facts_hash(pg_catalog.concat_ws(' ', p.oid, p.proowner, p.prosecdef, p.proconfig, p.prosrc))
      FROM capture JOIN pg_catalog.pg_proc AS p ON p.oid = capture.function),
    'key', EXISTS (SELECT FROM capture JOIN pg_catalog.pg_index AS i ON i.indrelid = capture.relation
      WHERE i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
        AND NOT EXISTS (SELECT FROM pg_catalog.generate_series(0, i.indnkeyatts - 1) AS k(place)
          JOIN col AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k.place]
          WHERE a.attname <> ALL (capture.identity))))
$f$;
