-- Drops the triggers of a guard, wherever they are, and its trigger function, in attempts that block readers and writers no
-- longer than each attempt takes. The triggers of tables that this login may no longer lock go with the function.
CREATE OR REPLACE FUNCTION sluice.drop_guard(p_id bigint, p_lock_ms integer, p_total_ms integer) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_give_up timestamptz = pg_catalog.clock_timestamp() + p_total_ms * interval '1 millisecond';
BEGIN
  LOOP
    BEGIN
      PERFORM sluice.drop_triggers(p_id, sluice.lock_trees(sluice.armed_tables(p_id), 'ACCESS EXCLUSIVE', p_lock_ms, 900));
      EXECUTE pg_catalog.format('DROP FUNCTION IF EXISTS sluice.%I() CASCADE', 'guard_' || p_id);
      EXIT;
    EXCEPTION WHEN lock_not_available OR deadlock_detected OR undefined_table THEN
      IF pg_catalog.clock_timestamp() > v_give_up THEN RAISE; END IF;
    END;
    PERFORM pg_catalog.pg_sleep((1 + pg_catalog.random()) * p_lock_ms / 1000);
  END LOOP;
END $f$;
