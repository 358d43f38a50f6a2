-- Lets no login use an installed function that it was not granted, except the trigger functions of guards and captures,
-- whose rights are set when they are created: the login that creates a partition needs them.
DO $revoke$
DECLARE
  v_function text;
BEGIN
  FOR v_function IN
    SELECT p.oid::pg_catalog.regprocedure FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
    WHERE n.nspname = 'sluice' AND p.proname !~ '^(guard|capture)_[0-9]+$'
  LOOP
    EXECUTE 'REVOKE ALL ON FUNCTION ' || v_function || ' FROM PUBLIC';
  END LOOP;
END $revoke$;
