-- Lists the types that a type consists of: of a domain, array, composite, range or multirange.
CREATE OR REPLACE FUNCTION sluice.type_parts(p_type pg_catalog.pg_type) RETURNS SETOF oid LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $f$
  SELECT p_type.typbasetype WHERE p_type.typbasetype <> 0
  UNION ALL SELECT p_type.typelem WHERE p_type.typelem <> 0
  UNION ALL SELECT a.atttypid FROM pg_catalog.pg_attribute AS a
    WHERE p_type.typtype = 'c' AND a.attrelid = p_type.typrelid AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL SELECT r.rngsubtype FROM pg_catalog.pg_range AS r WHERE p_type.oid IN (r.rngtypid, r.rngmultitypid)
$f$;
