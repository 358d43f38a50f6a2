-- Returns the last value of a sequence, read with the owner's rights.
CREATE OR REPLACE FUNCTION sluice.sequence_position(
  p_owner text, p_migration text, p_side text, p_generation bigint, p_epoch bigint, p_sequence text
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_value bigint;
BEGIN
  PERFORM sluice.assert_authority(p_owner, p_migration, p_side, p_generation, p_epoch);
  EXECUTE pg_catalog.format('SELECT last_value FROM %s', p_sequence::regclass) INTO v_value;
  RETURN v_value;
END $f$;
