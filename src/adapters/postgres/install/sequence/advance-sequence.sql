-- Moves a sequence, with the owner's rights, `p_gap` values beyond its own position or `p_position`, whichever is
-- further in the sequence's direction, so that it never moves back.
CREATE OR REPLACE FUNCTION sluice.advance_sequence(p_sequence text, p_position bigint, p_gap bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $f$
DECLARE
  v_own bigint = sluice.sequence_position(p_sequence);
  v_shape pg_catalog.pg_sequence;
  v_next bigint;
BEGIN
  SELECT * INTO v_shape FROM pg_catalog.pg_sequence WHERE seqrelid = p_sequence::regclass;
  IF v_shape.seqincrement > 0 THEN
    v_next = least(greatest(v_own, p_position) + p_gap * v_shape.seqincrement, v_shape.seqmax);
  ELSE
    v_next = greatest(least(v_own, p_position) + p_gap * v_shape.seqincrement, v_shape.seqmin);
  END IF;
  RETURN pg_catalog.setval(p_sequence::regclass, v_next, true);
END $f$;
