-- Drops the triggers of a guard from tables that the caller has locked.
CREATE OR REPLACE FUNCTION sluice.drop_triggers(p_id bigint, p_tables oid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_drop text;
BEGIN
  FOR v_drop IN
    SELECT pg_catalog.format('DROP TRIGGER %I ON %I.%I', t.name, n.nspname, c.relname)
    FROM sluice.triggers_of_guard(p_id) AS t JOIN pg_catalog.pg_class AS c ON c.oid = t.relation
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = ANY (p_tables)
  LOOP
    EXECUTE v_drop;
  END LOOP;
END $f$;
