-- How the source is asked about expressions: by temporary objects, in a transaction that is rolled back. A statement
-- that it refuses must not end the transaction.
CREATE FUNCTION pg_temp.sluice_try(statement text) RETURNS text LANGUAGE plpgsql AS $f$
  BEGIN
    EXECUTE statement;
    RETURN NULL;
  EXCEPTION WHEN OTHERS THEN
    RETURN json_build_object('sqlState', SQLSTATE, 'message', SQLERRM)::text;
  END $f$
