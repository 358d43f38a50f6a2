-- Returns the last value of a sequence, read with the owner's rights.
CREATE OR REPLACE FUNCTION sluice.sequence_position(p_sequence text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = '' AS $f$
DECLARE
  v_value bigint;
BEGIN
  EXECUTE pg_catalog.format('SELECT last_value FROM %s', p_sequence::regclass) INTO v_value;
  RETURN v_value;
END $f$;
