-- Opens a guard and undoes it, so that whatever refuses the opening, such as an event trigger, is found before a fence and not
-- after the flip. Returns the reason, or null. Names no message, because others' text may hold row data.
CREATE OR REPLACE FUNCTION sluice.opening_obstacle(p_guard sluice.guard, p_lock_ms integer) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
BEGIN
  PERFORM sluice.set_guard(p_guard.owner, p_guard.migration, p_guard.side, p_guard.generation, p_guard.epoch + 1,
    'open', ARRAY[p_guard.state], 0, false, p_lock_ms, 0);
  RAISE EXCEPTION 'the opening was rehearsed' USING ERRCODE = 'SL008';
EXCEPTION
  WHEN SQLSTATE 'SL008' THEN RETURN NULL;
  WHEN SQLSTATE 'SL001' OR SQLSTATE 'SL002' OR SQLSTATE 'SL007' OR lock_not_available THEN RAISE;
  WHEN OTHERS THEN
    RETURN pg_catalog.format('the rehearsed opening of the guard fails with SQLSTATE %s; enabled event triggers: %s. Let them pass CREATE FUNCTION and GRANT in schema sluice, or disable them: ALTER EVENT TRIGGER … DISABLE',
      SQLSTATE, coalesce((SELECT pg_catalog.string_agg(pg_catalog.quote_ident(evtname), ', ' ORDER BY evtname)
        FROM pg_catalog.pg_event_trigger WHERE evtenabled IN ('A', CASE pg_catalog.current_setting('session_replication_role') WHEN 'replica' THEN 'R' ELSE 'O' END)
          AND evtevent IN ('ddl_command_start', 'ddl_command_end')), 'none'));
END $f$;
