-- Why a capture may have missed a change, or null: the first reason that was ever found, from then on. Where only one
-- of attributes and files has changed since the last look, it was nothing, and is what the next look compares with.
CREATE OR REPLACE FUNCTION sluice.check_capture(p_capture sluice.capture) RETURNS text LANGUAGE plpgsql
SET search_path = '' AS $f$
DECLARE
  v_now jsonb;
  v_why text = (SELECT l.why FROM sluice.capture_loss AS l WHERE l.capture = p_capture.id ORDER BY l.at LIMIT 1);
BEGIN
  IF v_why IS NOT NULL THEN RETURN v_why; END IF;
  IF p_capture.stopped THEN RETURN 'the capture was stopped'; END IF;
  v_now = sluice.capture_facts(p_capture.id);
  SELECT f.why INTO v_why FROM (VALUES
      (1, 'table', 'the table was dropped, or is another kind of table'),
      (2, 'name', 'the table was renamed'),
      (3, 'subscribed', 'it receives changes by logical replication, which fires no statement trigger'),
      (4, 'partitions', 'partitions were created, attached, detached or dropped'),
      (5, 'columns', 'the schema changed: its columns are not what they were'),
      (6, 'labels', 'the schema changed: labels of an enum are not what they were'),
      (7, 'key', 'the schema changed: no unique index is left on its key'),
      (8, 'triggers', 'a capture trigger was disabled, changed or dropped, at least for a while'),
      (9, 'function', 'the function of the capture triggers was changed or dropped')
    ) AS f(rank, fact, why)
    WHERE NOT coalesce((v_now -> f.fact) @> (p_capture.fingerprint -> f.fact), false)
    ORDER BY f.rank LIMIT 1;
  IF v_why IS NULL AND NOT v_now @> p_capture.fingerprint THEN
    IF v_now -> 'attributes' <> p_capture.fingerprint -> 'attributes' AND v_now -> 'files' <> p_capture.fingerprint -> 'files' THEN
      v_why = 'the schema changed: the type of a column was changed and changed back, or so it seems';
    ELSE
      UPDATE sluice.capture AS c SET fingerprint = c.fingerprint
          || pg_catalog.jsonb_build_object('attributes', v_now -> 'attributes', 'files', v_now -> 'files')
        WHERE c.id = p_capture.id;
    END IF;
  END IF;
  IF v_why IS NULL AND pg_catalog.pg_relation_size('sluice.change_log') + pg_catalog.pg_relation_size('sluice.change_log_pkey')
    > p_capture.log_bytes_max THEN
    v_why = sluice.over_cap(p_capture.log_bytes_max);
  END IF;
  IF v_why IS NOT NULL THEN INSERT INTO sluice.capture_loss (capture, why) VALUES (p_capture.id, v_why); END IF;
  RETURN v_why;
END $f$;
