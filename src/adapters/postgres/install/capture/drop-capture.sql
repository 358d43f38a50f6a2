-- Drops one capture's triggers, which it finds by their function, then the function and its sequence. Dropping a
-- trigger locks out readers too, so an attempt gets all of its locks within its time or releases them. The clones on
-- partitions that were created since are dropped with their parents. A pause is at least as long as an attempt.
CREATE OR REPLACE FUNCTION sluice.drop_capture(p_capture bigint, p_lock_ms integer, p_total_ms integer) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_function oid = pg_catalog.to_regprocedure(pg_catalog.format('sluice.%I()', 'capture_' || p_capture));
  v_give_up timestamptz = pg_catalog.clock_timestamp() + p_total_ms * interval '1 millisecond';
  v_until timestamptz;
  v_drop text;
BEGIN
  PERFORM pg_catalog.set_config('lock_timeout', p_lock_ms || 'ms', true);
  UPDATE sluice.capture SET stopped = true WHERE id = p_capture;
  LOOP
    BEGIN
      v_until = pg_catalog.clock_timestamp() + p_lock_ms * interval '1 millisecond';
      PERFORM sluice.lock_table(t.tgrelid, 'ACCESS EXCLUSIVE', v_until)
        FROM (SELECT DISTINCT tgrelid FROM pg_catalog.pg_trigger
              WHERE tgfoid = v_function AND tgparentid = 0 ORDER BY 1) AS t;
      FOR v_drop IN
        SELECT pg_catalog.format('DROP TRIGGER %I ON %I.%I', t.tgname, n.nspname, c.relname)
        FROM pg_catalog.pg_trigger AS t JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE t.tgfoid = v_function AND t.tgparentid = 0
      LOOP
        EXECUTE v_drop;
      END LOOP;
      EXIT;
    EXCEPTION WHEN lock_not_available OR undefined_table THEN
      IF pg_catalog.clock_timestamp() > v_give_up THEN RAISE; END IF;
    END;
    PERFORM pg_catalog.pg_sleep((1 + pg_catalog.random()) * p_lock_ms / 1000);
  END LOOP;
  EXECUTE pg_catalog.format('DROP FUNCTION IF EXISTS sluice.%I()', 'capture_' || p_capture);
  EXECUTE pg_catalog.format('DROP SEQUENCE IF EXISTS sluice.%I', pg_catalog.concat_ws('_', 'capture', p_capture, 'over'));
END $f$;
