-- Makes keys dirty. Stopping the capture waits for this call; once the capture is stopped, the call adds no keys.
CREATE OR REPLACE FUNCTION sluice.enqueue(p_capture bigint, p_keys text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET DateStyle = 'ISO, YMD' SET TimeZone = 'UTC' SET IntervalStyle = 'postgres' SET extra_float_digits = '3' SET bytea_output = 'hex' SET lc_monetary = 'C' AS $f$
DECLARE
  v_slot text;
BEGIN
  SELECT slot INTO v_slot FROM sluice.capture WHERE id = p_capture AND NOT stopped FOR SHARE;
  IF NOT FOUND THEN RETURN; END IF;
  EXECUTE pg_catalog.format('INSERT INTO sluice.change_log (capture, partition, key) SELECT $1, %s, e.k
    FROM (SELECT v.key::pg_catalog.text[] AS k FROM pg_catalog.jsonb_array_elements_text($2) AS v(key) OFFSET 0) AS e', v_slot)
    USING p_capture, p_keys::jsonb;
END $f$;
