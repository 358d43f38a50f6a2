-- Locks tables with all of their partitions, from the top down, because no partition is attached or detached under
-- its parent's lock. It waits up to `p_each_ms` for one lock and up to `p_all_ms` for all of them. Both are below
-- deadlock_timeout (1 s by default), so no application transaction fails with a deadlock because it waits for
-- one of these locks while this call waits for it. Waiting for the locks also waits for the writers in flight.
-- Returns the locked tables.
CREATE OR REPLACE FUNCTION sluice.lock_trees(p_roots oid[], p_mode text, p_each_ms integer, p_all_ms integer) RETURNS oid[]
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_end timestamptz = pg_catalog.clock_timestamp() + p_all_ms * interval '1 millisecond';
  v_level oid[] = p_roots;
  v_tables oid[] = '{}';
BEGIN
  WHILE pg_catalog.cardinality(v_level) > 0 LOOP
    PERFORM sluice.lock_tables(v_level, p_mode, p_each_ms, v_end);
    v_tables = v_tables || v_level;
    v_level = ARRAY(SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = ANY (v_level)
      ORDER BY pg_catalog.array_position(v_level, inhparent), inhrelid);
  END LOOP;
  PERFORM pg_catalog.set_config('lock_timeout', p_each_ms || 'ms', true);
  RETURN v_tables;
END $f$;
