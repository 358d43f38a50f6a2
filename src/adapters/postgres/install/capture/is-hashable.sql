-- Returns whether a type has a hash function, from which `key_sql` computes the partition of a key.
CREATE OR REPLACE FUNCTION sluice.is_hashable(p_type text) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
BEGIN
  EXECUTE pg_catalog.format('SELECT pg_catalog.hash_record(ROW(NULL::%s))', p_type);
  RETURN true;
EXCEPTION WHEN undefined_function THEN RETURN false;
END $f$;
