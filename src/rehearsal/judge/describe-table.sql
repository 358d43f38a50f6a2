-- Names a table, quoted and qualified, and the columns of its primary key, in order.
SELECT c.oid::text, format('%I.%I', n.nspname, c.relname) AS name,
  ARRAY(
    SELECT a.attname::text FROM pg_index AS i, unnest(i.indkey::smallint[]) WITH ORDINALITY AS k(number, position)
    JOIN pg_attribute AS a ON a.attnum = k.number
    WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid ORDER BY k.position
  ) AS "primaryKey"
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)
