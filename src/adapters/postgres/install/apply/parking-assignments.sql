-- Returns the SET clause that parks a row: it changes one column of every unique index that does not contain the
-- identity, to NULL where the column and the index allow it. It sets only columns that the row's own values overwrite
-- later. Returns NULL if there is nothing to set.
CREATE OR REPLACE FUNCTION sluice.parking_assignments(p_table text, p_identity jsonb, p_settable jsonb, p_attempt integer)
RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $f$
  SELECT pg_catalog.string_agg(DISTINCT pg_catalog.format('%I = %s', chosen.attname, chosen.value), ', ')
  FROM pg_catalog.pg_index AS i
  CROSS JOIN LATERAL (
    SELECT a.attname, v.value
    FROM pg_catalog.pg_attribute AS a
    CROSS JOIN LATERAL (SELECT a.attnum = ANY ((i.indkey::int2[])[0 : i.indnkeyatts - 1]) AS plain) AS p
    CROSS JOIN LATERAL (SELECT CASE
        WHEN p_attempt = 1 AND NOT a.attnotnull
          AND NOT coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) THEN 'NULL'
        ELSE sluice.parking_value(a.attname, a.atttypid, a.atttypmod, p_attempt) END AS value) AS v
    WHERE a.attrelid = i.indrelid AND a.attnum > 0 AND p_settable ? a.attname AND v.value IS NOT NULL
      AND (p.plain OR EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indexrelid
          AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = i.indrelid AND d.refobjsubid = a.attnum))
    ORDER BY p.plain DESC, a.attnotnull, a.attnum LIMIT 1
  ) AS chosen
  WHERE i.indrelid = p_table::regclass AND i.indisunique
    AND NOT p_identity <@ (
      SELECT coalesce(pg_catalog.jsonb_agg(a.attname), '[]') FROM pg_catalog.pg_attribute AS a
      WHERE a.attrelid = i.indrelid AND a.attnum = ANY ((i.indkey::int2[])[0 : i.indnkeyatts - 1]))
$f$;
