-- Changes a guard; no other function does. It first sets the epoch, so that a late or repeated call changes nothing;
-- then locks every table, with a short timeout and retries within a total; then sets the triggers. Waiting for the
-- locks also waits for the writers in flight. Opening an open guard takes no locks. A guard with `p_exempt` lets the
-- login through that set it. The same call with the same epoch returns the result of the first one.
CREATE OR REPLACE FUNCTION sluice.set_guard(
  p_migration text, p_side text, p_epoch bigint, p_state text, p_from text[], p_seconds double precision,
  p_exempt boolean, p_lock_ms integer, p_total_ms integer
) RETURNS timestamptz LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $f$
DECLARE
  v_guard sluice.guard;
  v_deadline timestamptz;
  v_tables oid[];
  v_give_up timestamptz = pg_catalog.clock_timestamp() + p_total_ms * interval '1 millisecond';
BEGIN
  SELECT * INTO v_guard FROM sluice.guard WHERE migration = p_migration AND side = p_side FOR UPDATE;
  IF v_guard.epoch = p_epoch AND v_guard.state = p_state THEN RETURN v_guard.deadline; END IF;
  UPDATE sluice.guard SET epoch = p_epoch WHERE migration = p_migration AND side = p_side AND epoch < p_epoch;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'epoch % of the % of migration % is not newer than %', p_epoch, p_side, p_migration, v_guard.epoch
      USING ERRCODE = 'SL001';
  END IF;
  IF v_guard.state <> ALL (p_from) THEN
    RAISE EXCEPTION 'the guard of the % of migration % is %, not one of %', p_side, p_migration, v_guard.state, p_from
      USING ERRCODE = 'SL002';
  END IF;
  IF v_guard.state = 'open' AND p_state = 'open' THEN RETURN NULL; END IF;

  v_tables = ARRAY(SELECT pg_catalog.format('%I.%I', schema_name, table_name)::regclass
    FROM sluice.guarded WHERE migration = p_migration AND side = p_side ORDER BY schema_name, table_name);
  LOOP
    BEGIN
      PERFORM sluice.lock_trees(v_tables, 'SHARE ROW EXCLUSIVE', p_lock_ms, 900);
      EXIT;
    EXCEPTION WHEN lock_not_available THEN
      IF pg_catalog.clock_timestamp() > v_give_up THEN RAISE; END IF;
      PERFORM pg_catalog.pg_sleep(0.05 + 0.1 * pg_catalog.random());
    END;
  END LOOP;

  IF p_state = 'sealed' AND v_guard.deadline IS NOT NULL AND pg_catalog.clock_timestamp() >= v_guard.deadline THEN
    RAISE EXCEPTION 'the fence on the % of migration % expired at %', p_side, p_migration, v_guard.deadline
      USING ERRCODE = 'SL003';
  END IF;
  IF p_state = 'fenced' THEN
    v_deadline = pg_catalog.clock_timestamp() + p_seconds * interval '1 second';
  END IF;
  PERFORM sluice.set_triggers(p_migration, p_side, p_state, v_deadline,
    CASE WHEN p_exempt THEN session_user::text ELSE '' END);
  UPDATE sluice.guard SET state = p_state, deadline = v_deadline
    WHERE migration = p_migration AND side = p_side;
  RETURN v_deadline;
END $f$;
