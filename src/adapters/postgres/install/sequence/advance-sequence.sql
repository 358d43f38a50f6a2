-- Moves a sequence, with the owner's rights, `p_gap` values beyond its own position or `p_position`, whichever is
-- further in the sequence's direction, so that it never moves back. A repeated call under the same epoch returns the
-- position of the first one.
CREATE OR REPLACE FUNCTION sluice.advance_sequence(
  p_owner text, p_migration text, p_side text, p_generation bigint, p_epoch bigint,
  p_sequence text, p_position bigint, p_gap bigint
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_own bigint;
  v_shape pg_catalog.pg_sequence;
  v_advanced jsonb;
  v_next bigint;
BEGIN
  PERFORM FROM sluice.guard WHERE owner = p_owner AND migration = p_migration AND side = p_side FOR UPDATE;
  v_own = sluice.sequence_position(p_owner, p_migration, p_side, p_generation, p_epoch, p_sequence);
  SELECT advanced -> p_sequence INTO v_advanced FROM sluice.guard
    WHERE owner = p_owner AND migration = p_migration AND side = p_side;
  IF (v_advanced ->> 'epoch')::bigint >= p_epoch THEN RETURN (v_advanced ->> 'position')::bigint; END IF;
  SELECT * INTO v_shape FROM pg_catalog.pg_sequence WHERE seqrelid = p_sequence::regclass;
  IF v_shape.seqincrement > 0 THEN
    v_next = least(greatest(v_own, p_position) + p_gap * v_shape.seqincrement, v_shape.seqmax);
  ELSE
    v_next = greatest(least(v_own, p_position) + p_gap * v_shape.seqincrement, v_shape.seqmin);
  END IF;
  UPDATE sluice.guard SET advanced = advanced
      || pg_catalog.jsonb_build_object(p_sequence, pg_catalog.jsonb_build_object('epoch', p_epoch, 'position', v_next))
    WHERE owner = p_owner AND migration = p_migration AND side = p_side;
  RETURN pg_catalog.setval(p_sequence::regclass, v_next, true);
END $f$;
