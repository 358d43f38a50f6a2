-- Reads a table's columns. Follows domains down to their base type.
WITH RECURSIVE base_types (number, name, type, modifier) AS (
  SELECT attnum, attname, atttypid, atttypmod FROM pg_attribute
  WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped
  UNION ALL
  SELECT s.number, s.name, t.typbasetype, t.typtypmod FROM base_types AS s JOIN pg_type AS t ON t.oid = s.type
  WHERE t.typtype = 'd'
)
SELECT s.name::text AS name, format_type(s.type, s.modifier) AS type, t.typnamespace = 'pg_catalog'::regnamespace AS "builtIn"
FROM base_types AS s JOIN pg_type AS t ON t.oid = s.type WHERE t.typtype <> 'd' ORDER BY s.number
