-- Describes a type by what decides how its values are written as text: its base type, and the attributes of a composite. Not by
-- the labels of an enum, of which new ones may be added.
CREATE OR REPLACE FUNCTION sluice.type_fact(p_type pg_catalog.pg_type) RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $f$
  SELECT pg_catalog.concat_ws(' ', p_type.oid, p_type.typbasetype, p_type.typtypmod,
    (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', a.attnum, pg_catalog.quote_ident(a.attname), a.atttypid, a.atttypmod, a.attcollation),
        ',' ORDER BY a.attnum)
      FROM pg_catalog.pg_attribute AS a
      WHERE p_type.typtype = 'c' AND a.attrelid = p_type.typrelid AND a.attnum > 0 AND NOT a.attisdropped))
$f$;
