-- Returns the last value of a sequence, read with the owner's rights. A view under its name would run its functions with those
-- rights. Reading the value that is NULL before the first call locks the sequence until the transaction ends, so it keeps its name.
CREATE OR REPLACE FUNCTION sluice.sequence_position(
  p_owner text, p_migration text, p_side text, p_generation bigint, p_epoch bigint, p_sequence text
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_sequence regclass;
  v_value bigint;
BEGIN
  PERFORM sluice.assert_authority(p_owner, p_migration, p_side, p_generation, p_epoch);
  v_sequence = p_sequence;
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_sequence WHERE seqrelid = v_sequence) THEN
    RAISE EXCEPTION '% is not a sequence', v_sequence USING ERRCODE = 'SL002', HINT = 'Restore the sequence, or abort.';
  END IF;
  PERFORM pg_catalog.pg_sequence_last_value(v_sequence);
  EXECUTE pg_catalog.format('SELECT last_value FROM %s', v_sequence) INTO v_value;
  RETURN v_value;
END $f$;
