-- Creates a side's guard, open, and records its tables. Owner only; a repeated call changes nothing.
CREATE OR REPLACE FUNCTION sluice.register(p_migration text, p_side text, p_epoch bigint, p_tables text) RETURNS void
LANGUAGE plpgsql AS $f$
BEGIN
  PERFORM pg_catalog.pg_advisory_xact_lock(8241736019527);
  INSERT INTO sluice.guard (migration, side, epoch, state) VALUES (p_migration, p_side, p_epoch, 'open')
    ON CONFLICT DO NOTHING;
  INSERT INTO sluice.guarded (migration, side, schema_name, table_name)
    SELECT p_migration, p_side, t ->> 'schema', t ->> 'name' FROM pg_catalog.jsonb_array_elements(p_tables::jsonb) AS t
    WHERE NOT EXISTS (SELECT FROM sluice.guarded WHERE migration = p_migration AND side = p_side);
END $f$;
