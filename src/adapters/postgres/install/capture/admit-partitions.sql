-- Adds the partitions that were created or attached since the last check to a capture, makes their keys dirty, and returns
-- null; or why the capture may have missed changes. Row triggers were cloned to them, the one for TRUNCATE was not. If a
-- lock is not available, the next check tries again. A partition that was truncated in between is recognized by its file.
CREATE OR REPLACE FUNCTION sluice.admit_partitions(p_capture bigint) RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET DateStyle = 'ISO, YMD' SET TimeZone = 'UTC' SET IntervalStyle = 'postgres' SET extra_float_digits = '3' SET bytea_output = 'hex' SET lc_monetary = 'C' AS $f$
DECLARE
  v_capture sluice.capture;
  v_known oid[];
  v_new oid[];
  v_partition record;
  v_key record;
  v_rows bigint;
  v_facts record;
BEGIN
  SELECT * INTO v_capture FROM sluice.capture WHERE id = p_capture AND NOT stopped FOR UPDATE;
  IF NOT FOUND THEN RETURN NULL; END IF;
  v_known = ARRAY(SELECT t::oid FROM pg_catalog.jsonb_array_elements_text(v_capture.fingerprint -> 'tree') AS t);
  v_new = ARRAY(SELECT t FROM pg_catalog.unnest(sluice.partition_tree(v_capture.relation)) AS t WHERE t <> ALL (v_known));
  IF v_new <> '{}' AND NOT v_capture.by_row THEN RETURN 'another table inherits from the table'; END IF;
  v_key = sluice.key_sql(v_capture, ARRAY(SELECT pg_catalog.jsonb_array_elements_text(v_capture.fingerprint -> 'keyed')), 'r');
  PERFORM sluice.lock_table(t, 'SHARE ROW EXCLUSIVE', pg_catalog.clock_timestamp() + interval '400 milliseconds')
    FROM pg_catalog.unnest(v_new) AS t;
  FOR v_partition IN
    SELECT c.oid, c.oid::regclass AS name, c.relkind, c.relpersistence, c.relfilenode = c.oid OR c.xmin = i.xmin AS has_first_file,
      (SELECT count(*) FROM pg_catalog.pg_trigger AS t WHERE t.tgrelid = c.oid AND t.tgenabled = 'A'
        AND t.tgfoid = pg_catalog.to_regprocedure(pg_catalog.format('sluice.%I()', 'capture_' || v_capture.id))) AS triggers
    FROM pg_catalog.unnest(v_new) AS n JOIN pg_catalog.pg_class AS c ON c.oid = n JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = n
  LOOP
    IF v_partition.relkind NOT IN ('r', 'p') OR v_partition.relpersistence <> 'p' THEN
      RETURN pg_catalog.format('partition %s was attached, and is a foreign or unlogged table', v_partition.name);
    ELSIF v_partition.triggers <> 3 THEN
      RETURN pg_catalog.format('a capture trigger of the new partition %s was disabled, changed or dropped', v_partition.name);
    END IF;
    CONTINUE WHEN v_partition.relkind = 'p';
    IF sluice.is_filled(v_partition.oid, v_known) THEN
      RETURN pg_catalog.format('partition %s was attached with rows', v_partition.name);
    ELSIF NOT v_partition.has_first_file THEN
      RETURN pg_catalog.format('the new partition %s was truncated or rewritten', v_partition.name);
    END IF;
    EXECUTE pg_catalog.format('INSERT INTO sluice.change_log (capture, partition, key) SELECT %s, %s, ARRAY[%s] FROM %s AS r LIMIT 1000000',
      v_capture.id, v_key.row_slot, v_key.texts, v_partition.name);
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    IF v_rows = 1000000 THEN
      RETURN pg_catalog.format('the new partition %s had a million rows when it was found', v_partition.name);
    END IF;
  END LOOP;
  PERFORM sluice.create_capture_triggers(v_capture, v_new);
  SELECT sluice.capture_facts(p_capture, v_known) AS known, sluice.capture_facts(p_capture, v_known || v_new) AS present INTO v_facts;
  IF v_facts.known @> (v_capture.fingerprint - 'keyed') THEN
    UPDATE sluice.capture SET fingerprint = fingerprint || v_facts.present || sluice.expected_facts() WHERE id = p_capture;
  END IF;
  RETURN NULL;
EXCEPTION
  WHEN lock_not_available OR undefined_table OR undefined_object THEN RETURN NULL;
  WHEN insufficient_privilege THEN
    RETURN pg_catalog.format('login %s lacks the rights of the owner of a partition that was created or attached', current_user);
END $f$;
