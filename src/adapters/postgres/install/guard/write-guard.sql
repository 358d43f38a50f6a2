-- Writes the trigger function of a guard, which lets a row pass where an expression is true. The function decides by its own
-- body alone: of a table, an older snapshot would see the former state. It needs no table's lock, so it may open a
-- guard at any time; it may close one only under the tables' locks, because a writer in flight may still run the former
-- body. Its arguments are the migration and the side. Every login may execute it, although not name it: creating a
-- partition clones the triggers.
CREATE OR REPLACE FUNCTION sluice.write_guard(p_id bigint, p_passes text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
BEGIN
  EXECUTE pg_catalog.format('CREATE OR REPLACE FUNCTION sluice.%I() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS %L',
    'guard_' || p_id, pg_catalog.format($body$
BEGIN
  IF %s THEN
    IF TG_LEVEL = 'STATEMENT' THEN RETURN NULL; END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'writes to %%.%% are refused: migration %% guards it as its %%', TG_TABLE_SCHEMA, TG_TABLE_NAME,
    TG_ARGV[0], TG_ARGV[1]
    USING ERRCODE = 'read_only_sql_transaction', HINT = 'Follow the route of the migration, or wait for the cutover.';
END $body$, p_passes));
  EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION sluice.%I() TO PUBLIC', 'guard_' || p_id);
END $f$;
