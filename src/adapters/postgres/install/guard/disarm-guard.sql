-- Drops the triggers of an open guard from one table, with its partitions, and returns how many tables remain; the caller
-- repeats it until none does. The guard stays, so that older calls are refused, and can be armed again. Its row is locked
-- after the table, so that a call that waits delays no change of the guard.
CREATE OR REPLACE FUNCTION sluice.disarm_guard(
  p_owner text, p_migration text, p_side text, p_generation bigint, p_epoch bigint, p_lock_ms integer, p_total_ms integer
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_guard sluice.guard = sluice.own_guard(p_owner, p_migration, p_side, p_generation, p_epoch);
  v_tables oid[] = sluice.armed_tables(v_guard.id);
  v_locked oid[];
  v_give_up timestamptz = pg_catalog.clock_timestamp() + p_total_ms * interval '1 millisecond';
BEGIN
  LOOP
    BEGIN
      v_locked = sluice.lock_trees(v_tables[1:1], 'ACCESS EXCLUSIVE', p_lock_ms, 900);
      PERFORM sluice.assert_authority(p_owner, p_migration, p_side, p_generation, p_epoch);
      SELECT * INTO v_guard FROM sluice.guard WHERE owner = p_owner AND migration = p_migration AND side = p_side;
      IF v_guard.state <> 'open' THEN
        RAISE EXCEPTION 'the guard of the % of migration % is %, not open', p_side, p_migration, v_guard.state USING ERRCODE = 'SL002';
      END IF;
      PERFORM sluice.drop_triggers(v_guard.id, v_locked);
      RETURN greatest(0, pg_catalog.cardinality(v_tables) - 1);
    EXCEPTION WHEN lock_not_available OR deadlock_detected OR undefined_table THEN
      IF pg_catalog.clock_timestamp() > v_give_up THEN RAISE; END IF;
    END;
    PERFORM pg_catalog.pg_sleep((1 + pg_catalog.random()) * p_lock_ms / 1000);
  END LOOP;
END $f$;
