-- SQL of a key: its columns, its texts and its partition over a row of a given name; its partition over a text array
-- e.k; whether its text depends on settings. Partitions are dealt by the type's own hash of the columns that identify
-- the row, since values that are equal may differ as text; the few types without a hash have one text for equal
-- values.
CREATE OR REPLACE FUNCTION sluice.is_hashable(p_type text) RETURNS boolean LANGUAGE plpgsql SET search_path = '' AS $f$
BEGIN
  EXECUTE pg_catalog.format('SELECT pg_catalog.hash_record(ROW(NULL::%s))', p_type);
  RETURN true;
EXCEPTION WHEN undefined_function THEN RETURN false;
END $f$;
