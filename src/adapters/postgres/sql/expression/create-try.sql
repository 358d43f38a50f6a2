-- Creates a function that runs a statement and returns its refusal instead of failing. Preflight tries expressions
-- with it on temporary objects, in a transaction that is rolled back, which a refused statement must not end.
CREATE FUNCTION pg_temp.sluice_try(statement text) RETURNS text LANGUAGE plpgsql AS $f$
  BEGIN
    EXECUTE statement;
    RETURN NULL;
  EXCEPTION WHEN OTHERS THEN
    RETURN json_build_object('sqlState', SQLSTATE, 'message', SQLERRM)::text;
  END $f$
