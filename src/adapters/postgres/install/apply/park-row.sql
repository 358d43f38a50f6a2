-- Gives a row, if it exists, unique values that no other row has, so that the rows that wait for its values can be
-- written. Returns false if the types of its columns offer no such values, or if every attempt was refused.
CREATE OR REPLACE FUNCTION sluice.park_row(p_table text, p_identity jsonb, p_settable jsonb, p_park text, p_key text[])
RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_parking text;
  v_state text;
BEGIN
  FOR v_attempt IN 1..8 LOOP
    v_parking = sluice.parking_assignments(p_table, p_identity, p_settable, v_attempt);
    IF v_parking IS NULL THEN RETURN false; END IF;
    BEGIN
      EXECUTE pg_catalog.format(p_park, v_parking) USING p_key;
      RETURN true;
    EXCEPTION WHEN OTHERS THEN
      GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE;
      IF v_state !~ '^(21|22|23|54|P0|0A|38|39|XX)' THEN RAISE; END IF;
    END;
  END LOOP;
  RETURN false;
END $f$;
