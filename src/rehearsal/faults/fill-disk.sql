-- Creates a function that refuses statements with SQLSTATE 53100, as PostgreSQL does when a table's file cannot grow.
CREATE SCHEMA rehearsal_faults;
CREATE FUNCTION rehearsal_faults.refuse() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN
  RAISE EXCEPTION 'could not extend file "base/16384/16385": No space left on device'
    USING ERRCODE = 'disk_full', HINT = 'Check free disk space.';
END $f$;
