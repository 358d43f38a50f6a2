-- Starts capturing a table, in one call that takes its locks in short attempts. A pause is at least as long as an
-- attempt, so that writers that queued during one attempt run before the next. A repeated call changes nothing. The
-- shared lock on the guard's row makes a concurrent uninstall wait and then find the capture; a call that comes after
-- the uninstall finds the guard removed. The lock is acquired after those on the tables, because a fence must not wait.
CREATE OR REPLACE FUNCTION sluice.start_capture(
  p_owner text, p_migration text, p_side text, p_generation bigint, p_epoch bigint, p_table text, p_schema text,
  p_name text, p_key text, p_identity text, p_partitions integer, p_log_bytes_max bigint, p_lock_ms integer, p_total_ms integer
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_give_up timestamptz = pg_catalog.clock_timestamp() + p_total_ms * interval '1 millisecond';
  v_key text[] = ARRAY(SELECT pg_catalog.jsonb_array_elements_text(p_key::jsonb));
  v_tree oid[];
  v_capture sluice.capture;
BEGIN
  PERFORM sluice.own_guard(p_owner, p_migration, p_side, p_generation, p_epoch);
  PERFORM FROM sluice.capture
    WHERE owner = p_owner AND migration = p_migration AND side = p_side AND generation = p_generation AND table_name = p_table;
  IF FOUND THEN RETURN; END IF;
  LOOP
    BEGIN
      v_tree = sluice.lock_tree(p_schema, p_name, p_lock_ms);
      EXIT;
    EXCEPTION WHEN lock_not_available THEN
      IF pg_catalog.clock_timestamp() > v_give_up THEN RAISE; END IF;
    END;
    PERFORM pg_catalog.pg_sleep((1 + pg_catalog.random()) * p_lock_ms / 1000);
  END LOOP;
  PERFORM sluice.assert_authority(p_owner, p_migration, p_side, p_generation, p_epoch);
  PERFORM FROM sluice.capture
    WHERE owner = p_owner AND migration = p_migration AND side = p_side AND generation = p_generation AND table_name = p_table;
  IF FOUND THEN RETURN; END IF;

  v_capture.id = pg_catalog.hashtextextended(pg_catalog.gen_random_uuid()::text, 0) & 9223372036854775807;
  v_capture.owner = p_owner;
  v_capture.migration = p_migration;
  v_capture.side = p_side;
  v_capture.generation = p_generation;
  v_capture.table_name = p_table;
  v_capture.relation = v_tree[1];
  v_capture.source_schema = p_schema;
  v_capture.source_name = p_name;
  v_capture.by_row = EXISTS (SELECT FROM pg_catalog.pg_class WHERE oid = v_capture.relation AND relkind = 'p');
  v_capture.identity = ARRAY(SELECT pg_catalog.jsonb_array_elements_text(p_identity::jsonb));
  v_capture.partitions = p_partitions;
  v_capture.slot = (sluice.key_sql(v_capture, v_key, 'r')).key_slot;
  v_capture.log_bytes_max = p_log_bytes_max;
  v_capture.stopped = false;
  v_capture.since = pg_catalog.clock_timestamp();
  PERFORM sluice.create_capture_function(v_capture, v_key);
  PERFORM sluice.create_capture_triggers(v_capture, v_tree);
  INSERT INTO sluice.capture SELECT v_capture.*;
  UPDATE sluice.capture SET fingerprint = sluice.capture_facts(id, v_tree) || sluice.expected_facts()
    || pg_catalog.jsonb_build_object('keyed', v_key) WHERE id = v_capture.id;
END $f$;
