-- Returns why a capture may have missed a change, or null. The first reason found is stored and returned from then
-- on. If only one of the facts `attributes` and `files` has changed since the last check, no column was rewritten,
-- and the next check compares with the new value.
CREATE OR REPLACE FUNCTION sluice.check_capture(p_capture sluice.capture) RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_now jsonb;
  v_tree oid[];
  v_why text = (SELECT l.why FROM sluice.capture_loss AS l WHERE l.capture = p_capture.id ORDER BY l.at LIMIT 1);
BEGIN
  IF v_why IS NOT NULL THEN RETURN v_why; END IF;
  IF p_capture.stopped THEN RETURN 'the capture was stopped'; END IF;
  SELECT sluice.partition_tree(p_capture.relation), sluice.capture_facts(p_capture.id,
      ARRAY(SELECT t::oid FROM pg_catalog.jsonb_array_elements_text(p_capture.fingerprint -> 'tree') AS t)) INTO v_tree, v_now;
  SELECT f.why INTO v_why FROM (VALUES
      (1, 'table', 'the table was dropped, or changed to another kind of table'),
      (2, 'name', 'the table was renamed'),
      (3, 'subscribed', 'the table receives changes by logical replication, which does not fire statement triggers'),
      (4, 'partitions', 'a partition was detached or dropped, or changed to another kind of table'),
      (5, 'columns', 'the schema changed: a column was added, dropped or altered'),
      (6, 'types', 'the schema changed: a type of a column was altered'),
      (6, 'labels', 'the schema changed: a label of an enum was renamed'),
      (7, 'key', 'the schema changed: the key no longer has a unique index'),
      (8, 'triggers', 'a capture trigger was disabled, changed or dropped, at least temporarily'),
      (9, 'function', 'the function of the capture triggers was changed or dropped')
    ) AS f(rank, fact, why)
    WHERE NOT coalesce((v_now -> f.fact) @> (p_capture.fingerprint -> f.fact), false)
    ORDER BY f.rank LIMIT 1;
  IF v_why IS NULL AND NOT v_now @> (p_capture.fingerprint - 'keyed') THEN
    IF v_now -> 'attributes' <> p_capture.fingerprint -> 'attributes' AND v_now -> 'files' <> p_capture.fingerprint -> 'files' THEN
      v_why = 'the schema changed: the type of a column was apparently changed and changed back';
    ELSE
      UPDATE sluice.capture AS c SET fingerprint = c.fingerprint
          || pg_catalog.jsonb_build_object('attributes', v_now -> 'attributes', 'files', v_now -> 'files')
        WHERE c.id = p_capture.id;
    END IF;
  END IF;
  IF v_why IS NULL AND NOT v_now -> 'tree' @> pg_catalog.to_jsonb(v_tree) THEN
    v_why = sluice.admit_partitions(p_capture.id);
  END IF;
  IF v_why IS NULL AND pg_catalog.pg_relation_size('sluice.change_log') + pg_catalog.pg_relation_size('sluice.change_log_pkey')
    > p_capture.log_bytes_max THEN
    v_why = sluice.over_cap_reason(p_capture.log_bytes_max);
  END IF;
  IF v_why IS NOT NULL THEN INSERT INTO sluice.capture_loss (capture, why) VALUES (p_capture.id, v_why); END IF;
  RETURN v_why;
END $f$;
