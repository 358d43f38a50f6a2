-- Refuses to install over an older version. The lock makes a concurrent installation wait until this one commits.
-- Without it the slower of the two fails: neither IF NOT EXISTS nor a query before an insert sees what another
-- transaction is creating.
DO $older$
BEGIN
  PERFORM pg_catalog.pg_advisory_xact_lock(8241736019527);
  IF (EXISTS (
    SELECT FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = 'sluice' AND c.relname = 'guard' AND a.attname = 'epoch') AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = 'sluice' AND c.relname = 'guard' AND a.attname = 'worker')) THEN
    RAISE EXCEPTION USING ERRCODE = 'SL002', MESSAGE = 'schema sluice was installed by an older version: its table guard has no column worker. Abort the migrations that use it with the version that started them; if they are finished, remove the schema as the runbook describes.';
  END IF;
END $older$;
