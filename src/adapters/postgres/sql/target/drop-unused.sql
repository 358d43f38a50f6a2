-- Drops schema sluice when every guard in it was removed. This cannot be part of `uninstall`, because a
-- function cannot drop the schema that contains it.
DO $drop$
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'sluice') THEN
    LOCK TABLE sluice.guard IN ACCESS EXCLUSIVE MODE;
    IF NOT EXISTS (SELECT FROM sluice.guard WHERE state <> 'none') THEN DROP SCHEMA sluice CASCADE; END IF;
  END IF;
END $drop$
