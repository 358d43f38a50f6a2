-- Returns the SQL of a key: its columns, its texts and its partition over a row named `p_row`; its partition over a
-- text array e.k; and whether its text depends on settings. The partition comes from the type's own hash of the
-- columns that identify the row, because equal values may differ as text. The few types without a hash have one text
-- for equal values. Values become text by the type's output function, and text becomes values by its input function:
-- the owner of a type may define what a cast between it and text does, and what a domain checks, so text becomes a value of
-- the domain's base type.
CREATE OR REPLACE FUNCTION sluice.key_sql(
  p_capture sluice.capture, p_key text[], p_row text,
  OUT columns text, OUT texts text, OUT row_slot text, OUT key_slot text, OUT depends boolean
) LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_slot text = '(pg_catalog.hash_record(ROW(%s)) & 2147483647) %% ' || p_capture.partitions;
BEGIN
  WITH RECURSIVE base AS (
    SELECT k.name, a.atttypid AS type FROM pg_catalog.unnest(p_key) AS k(name)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = p_capture.relation AND a.attname = k.name
    UNION ALL
    SELECT b.name, t.typbasetype FROM base AS b JOIN pg_catalog.pg_type AS t ON t.oid = b.type AND t.typtype = 'd'
  ), key AS (
    SELECT k.name, k.position, k.name = ANY (p_capture.identity) AS identifies, d.type,
      CASE WHEN sluice.is_hashable(d.type) THEN '%1$s.%2$I' ELSE 'pg_catalog.concat(%1$s.%2$I)' END AS hashed,
      NOT EXISTS (SELECT FROM base AS b JOIN pg_catalog.pg_type AS t ON t.oid = b.type WHERE b.name = k.name
                  AND (t.typtype = 'e' OR t.oid = ANY ('{bool, int2, int4, int8, numeric, oid, uuid, text, varchar, bpchar, name, inet, cidr, macaddr, macaddr8, bit, varbit}'::regtype[]))) AS depends
    FROM pg_catalog.unnest(p_key) WITH ORDINALITY AS k(name, position)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = p_capture.relation AND a.attname = k.name
    CROSS JOIN LATERAL (SELECT pg_catalog.format_type(b.type, -1) AS type FROM base AS b
      JOIN pg_catalog.pg_type AS t ON t.oid = b.type AND t.typtype <> 'd' WHERE b.name = k.name) AS d
  )
  SELECT
    pg_catalog.string_agg(pg_catalog.format('%s.%I', p_row, k.name), ', ' ORDER BY k.position),
    pg_catalog.string_agg(pg_catalog.format('pg_catalog.concat(%s.%I)', p_row, k.name), ', ' ORDER BY k.position),
    pg_catalog.format(v_slot, pg_catalog.string_agg(
      pg_catalog.format(k.hashed, p_row, k.name), ', ' ORDER BY k.position) FILTER (WHERE k.identifies)),
    pg_catalog.format('(SELECT %s FROM pg_catalog.jsonb_to_record(pg_catalog.jsonb_build_object(%s)) AS v(%s))',
      pg_catalog.format(v_slot, pg_catalog.string_agg(
        pg_catalog.format(k.hashed, 'v', k.name), ', ' ORDER BY k.position) FILTER (WHERE k.identifies)),
      pg_catalog.string_agg(pg_catalog.format('%L, e.k[%s]', k.name, k.position), ', ' ORDER BY k.position),
      pg_catalog.string_agg(pg_catalog.format('%I %s', k.name, k.type), ', ' ORDER BY k.position)),
    pg_catalog.bool_or(k.depends)
  INTO columns, texts, row_slot, key_slot, depends FROM key AS k;
  IF p_capture.partitions = 1 THEN
    row_slot = '0';
    key_slot = '0';
  END IF;
END $f$;
