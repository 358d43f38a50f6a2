-- Creates a function that runs any number of statements in one call. In pg_temp no other session sees the function, and the
-- rollback drops it.
CREATE FUNCTION pg_temp.sluice_run(statements text) RETURNS void LANGUAGE plpgsql AS $f$
  BEGIN
    EXECUTE statements;
  END $f$
