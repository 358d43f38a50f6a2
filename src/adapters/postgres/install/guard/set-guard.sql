-- Changes a guard, under an epoch that is newer than the guard's. The same call with the same epoch returns the result of the
-- first one. A guard with `p_exempt` lets the worker's login through that was registered.
--
-- Opening, and `standby`, which no application can use either, take no table's lock: nothing that holds one, neither an
-- autovacuum nor the application, can keep a side closed. Closing locks every table, which also waits for the writers in
-- flight, in attempts with pauses in between, so that no writer waits for long. Each attempt first requests a lock that
-- no writer conflicts with, for longer than deadlock_timeout: an autovacuum ends when another session has waited for it that
-- long, and never for an attempt that is shorter. The row of the guard is locked after that, so that a closing that waits
-- delays no opening; whatever came first is seen under its lock.
--
-- A fence and a darkening record what a later comparison depends on; a capture watches the structure of its tables itself.
--
-- Opening also forgets which tables were empty, because the application may write to them from then on.
CREATE OR REPLACE FUNCTION sluice.set_guard(
  p_owner text, p_migration text, p_side text, p_generation bigint, p_epoch bigint, p_state text, p_from text[],
  p_seconds double precision, p_exempt boolean, p_lock_ms integer, p_total_ms integer
) RETURNS timestamptz LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_guard sluice.guard = sluice.own_guard(p_owner, p_migration, p_side, p_generation, p_epoch);
  v_closes boolean = p_state NOT IN ('open', 'standby');
  v_deadline timestamptz;
  v_roots oid[];
  v_locked oid[];
  v_void text;
  v_give_up timestamptz = pg_catalog.clock_timestamp() + p_total_ms * interval '1 millisecond';
BEGIN
  IF NOT sluice.may_change_guard(v_guard, p_epoch, p_state, p_from) THEN RETURN v_guard.deadline; END IF;
  LOOP
    BEGIN
      IF v_closes THEN
        PERFORM sluice.refuse_changed_tables(p_owner, p_migration, p_side, p_state);
        v_roots = ARRAY(SELECT relation FROM sluice.guarded
          WHERE owner = p_owner AND migration = p_migration AND side = p_side AND relation IS NOT NULL ORDER BY schema_name, table_name);
        PERFORM sluice.lock_trees(v_roots, 'SHARE UPDATE EXCLUSIVE',
          1000 + (extract(epoch FROM pg_catalog.current_setting('deadlock_timeout')::interval) * 1000)::integer, p_total_ms);
      END IF;
      PERFORM pg_catalog.set_config('lock_timeout', p_lock_ms || 'ms', true);
      PERFORM FROM sluice.guard WHERE owner = p_owner AND migration = p_migration AND side = p_side FOR UPDATE;
      v_guard = sluice.own_guard(p_owner, p_migration, p_side, p_generation, p_epoch);
      IF NOT sluice.may_change_guard(v_guard, p_epoch, p_state, p_from) THEN RETURN v_guard.deadline; END IF;
      IF v_closes THEN
        v_locked = sluice.lock_trees(v_roots, 'SHARE ROW EXCLUSIVE', p_lock_ms, 900);
        PERFORM sluice.refuse_changed_tables(p_owner, p_migration, p_side, p_state);
      END IF;
      IF p_state = 'sealed' AND pg_catalog.clock_timestamp() >= v_guard.deadline THEN
        v_void = 'expired at ' || v_guard.deadline;
      ELSIF p_state = 'sealed' AND v_guard.server <> pg_catalog.pg_postmaster_start_time()
        AND pg_catalog.clock_timestamp() >= v_guard.deadline - interval '1 minute' THEN
        v_void = 'expired a minute before ' || v_guard.deadline || ', because its server was replaced or restarted';
      ELSIF p_state = 'sealed' THEN
        SELECT 'is void: ' || pg_catalog.string_agg(c, ', ') INTO v_void FROM sluice.guard_changes(p_owner, p_migration, p_side) AS c;
      END IF;
      IF v_void IS NOT NULL THEN
        RAISE EXCEPTION 'the fence on the % of migration % %', p_side, p_migration, v_void USING ERRCODE = 'SL003';
      END IF;
      IF p_state = 'fenced' THEN
        v_deadline = pg_catalog.clock_timestamp() + p_seconds * interval '1 second';
      END IF;
      IF v_closes THEN PERFORM sluice.ensure_triggers(v_guard, v_locked); END IF;
      PERFORM sluice.write_guard(v_guard.id,
        sluice.passing_rows(p_state, v_deadline, CASE WHEN p_exempt THEN v_guard.worker ELSE '' END));
      UPDATE sluice.guarded SET was_empty = false
        WHERE owner = p_owner AND migration = p_migration AND side = p_side AND p_state = 'open';
      UPDATE sluice.guard SET epoch = p_epoch, state = p_state, deadline = v_deadline,
          server = CASE WHEN p_state = 'fenced' THEN pg_catalog.pg_postmaster_start_time() END,
          triggers = CASE WHEN p_state IN ('fenced', 'dark') THEN ARRAY(SELECT sluice.trigger_versions(v_guard.id)
            UNION ALL SELECT p.version FROM sluice.partition_versions(p_owner, p_migration, p_side) AS p
            UNION ALL SELECT pg_catalog.concat_ws(':', 'structure', s.kind, s.relation, s.fact)
              FROM sluice.structure_facts(p_owner, p_migration, p_side) AS s
              WHERE p_state = 'dark' OR NOT EXISTS (SELECT FROM sluice.capture
                WHERE owner = p_owner AND migration = p_migration AND side = p_side AND NOT stopped)) END
        WHERE owner = p_owner AND migration = p_migration AND side = p_side;
      RETURN v_deadline;
    EXCEPTION WHEN lock_not_available OR deadlock_detected OR internal_error THEN
      -- Two that write the same function at once: "tuple concurrently updated", an internal error.
      IF pg_catalog.clock_timestamp() > v_give_up THEN RAISE; END IF;
    END;
    PERFORM pg_catalog.pg_sleep(0.05 + 0.1 * pg_catalog.random());
  END LOOP;
END $f$;
