-- The trigger function of the guard: refuses every write, until the deadline if there is one. Its arguments are the
-- migration, the side and the deadline. The deadline is part of the trigger's definition, so a fence expires without
-- a further call.
CREATE OR REPLACE FUNCTION sluice.refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $f$
BEGIN
  IF TG_ARGV[2] <> '' AND pg_catalog.clock_timestamp() >= TG_ARGV[2]::timestamptz THEN
    IF TG_LEVEL = 'STATEMENT' THEN RETURN NULL; END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'writes to %.% are refused: migration % guards it as its %', TG_TABLE_SCHEMA, TG_TABLE_NAME,
    TG_ARGV[0], TG_ARGV[1]
    USING ERRCODE = 'read_only_sql_transaction', HINT = 'Follow the route of the migration, or wait for the cutover.';
END $f$;
