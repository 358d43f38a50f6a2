-- Drops the schema when no side of a migration uses it any more; a function cannot drop the schema that it lives in.
DO $drop$
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'sluice') THEN
    LOCK TABLE sluice.guard IN ACCESS EXCLUSIVE MODE;
    IF NOT EXISTS (SELECT FROM sluice.guard) THEN DROP SCHEMA sluice CASCADE; END IF;
  END IF;
END $drop$
