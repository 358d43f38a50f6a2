-- Describes the sequences of the schemas in parameter `schemas`, a JSON array of texts, a page at a time, without those of
-- extensions. Result: rows (facts). It needs only the right to connect; the position is null if the login may not read it.
SELECT json_build_object(
  'sequence', quote_ident(n.nspname) || '.' || quote_ident(c.relname),
  'schema', n.nspname,
  'name', c.relname,
  'ownedBy', (
    SELECT json_build_object('schema', tn.nspname, 'name', t.relname, 'column', a.attname)
    FROM pg_catalog.pg_depend AS d
    JOIN pg_catalog.pg_class AS t ON t.oid = d.refobjid
    JOIN pg_catalog.pg_namespace AS tn ON tn.oid = t.relnamespace
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
      AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i') LIMIT 1),
  'increment', s.seqincrement::text,
  'min', s.seqmin::text,
  'max', s.seqmax::text,
  'cycles', s.seqcycle,
  'position', CASE WHEN has_sequence_privilege(c.oid, 'SELECT') AND NOT pg_is_in_recovery()
    THEN coalesce(pg_sequence_last_value(c.oid), s.seqstart)::text END,
  'maySet', has_sequence_privilege(c.oid, 'SELECT') AND has_sequence_privilege(c.oid, 'UPDATE')
)::text AS facts
FROM pg_catalog.pg_namespace AS n
JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relkind = 'S'
JOIN pg_catalog.pg_sequence AS s ON s.seqrelid = c.oid
WHERE n.nspname IN (SELECT CAST(w.item AS name) FROM json_array_elements_text(CAST(:schemas AS json)) AS w(item))
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS d
    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname, c.relname
LIMIT CAST(:count AS bigint) OFFSET CAST(:skipped AS bigint)
