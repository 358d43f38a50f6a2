-- Creates the triggers of an open guard on one table that lacks them, with its partitions, so that closing it later takes no
-- longer than its locks. Returns how many tables remain; the caller repeats it until none does.
CREATE OR REPLACE FUNCTION sluice.arm_guard(
  p_owner text, p_migration text, p_side text, p_generation bigint, p_epoch bigint, p_lock_ms integer, p_total_ms integer
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_guard sluice.guard = sluice.own_guard(p_owner, p_migration, p_side, p_generation, p_epoch);
  v_locked oid[];
  v_tables oid[] = ARRAY(SELECT relation FROM sluice.guarded AS g JOIN pg_catalog.pg_class AS c ON c.oid = g.relation
    WHERE g.owner = p_owner AND g.migration = p_migration AND g.side = p_side
      AND NOT EXISTS (SELECT FROM sluice.triggers_of_guard(v_guard.id) AS t WHERE t.relation = g.relation)
    ORDER BY g.schema_name, g.table_name);
  v_give_up timestamptz = pg_catalog.clock_timestamp() + p_total_ms * interval '1 millisecond';
BEGIN
  IF v_tables = '{}' THEN RETURN 0; END IF;
  LOOP
    BEGIN
      v_locked = sluice.lock_trees(v_tables[1:1], 'SHARE ROW EXCLUSIVE', p_lock_ms, 900);
      PERFORM sluice.assert_authority(p_owner, p_migration, p_side, p_generation, p_epoch);
      PERFORM sluice.ensure_triggers(v_guard, v_locked);
      RETURN pg_catalog.cardinality(v_tables) - 1;
    EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
      IF pg_catalog.clock_timestamp() > v_give_up THEN RAISE; END IF;
    END;
    PERFORM pg_catalog.pg_sleep(0.05 + 0.1 * pg_catalog.random());
  END LOOP;
END $f$;
