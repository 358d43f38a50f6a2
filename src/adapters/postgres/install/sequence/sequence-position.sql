-- Where a sequence stands, read and set as its owner; set only ever forwards, in the sequence's own direction.
CREATE OR REPLACE FUNCTION sluice.sequence_position(p_sequence text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = '' AS $f$
DECLARE
  v_value bigint;
BEGIN
  EXECUTE pg_catalog.format('SELECT last_value FROM %s', p_sequence::regclass) INTO v_value;
  RETURN v_value;
END $f$;
