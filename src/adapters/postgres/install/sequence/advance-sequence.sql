-- Moves a sequence, with the owner's rights, `p_gap` values beyond `p_position` or its own position, whichever is further in
-- the sequence's direction, so that it never moves back. A position that an earlier call set is not extended again: repeated
-- attempts add the gap once. A repeated call under the same epoch returns the position of the first one, unless `p_position`
-- has moved on. Raises SL002 if no value would be left; a sequence that cycles restarts, as it would without Sluice.
CREATE OR REPLACE FUNCTION sluice.advance_sequence(
  p_owner text, p_migration text, p_side text, p_generation bigint, p_epoch bigint,
  p_sequence text, p_position bigint, p_gap bigint
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_own numeric;
  v_shape pg_catalog.pg_sequence;
  v_advanced jsonb;
  v_set numeric;
  v_sign numeric;
  v_gap numeric;
  v_limit numeric;
  v_base numeric;
  v_next numeric;
BEGIN
  PERFORM FROM sluice.guard WHERE owner = p_owner AND migration = p_migration AND side = p_side FOR UPDATE;
  v_own = sluice.sequence_position(p_owner, p_migration, p_side, p_generation, p_epoch, p_sequence);
  SELECT advanced -> p_sequence INTO v_advanced FROM sluice.guard
    WHERE owner = p_owner AND migration = p_migration AND side = p_side;
  v_set = (v_advanced ->> 'position')::numeric;
  SELECT * INTO v_shape FROM pg_catalog.pg_sequence WHERE seqrelid = p_sequence::regclass;
  v_sign = sign(v_shape.seqincrement::numeric);
  v_gap = p_gap::numeric * v_shape.seqincrement;
  IF (v_advanced ->> 'epoch')::bigint >= p_epoch AND v_sign * v_set >= v_sign * (p_position + v_gap) THEN RETURN v_set; END IF;
  v_base = CASE WHEN v_own = v_set THEN p_position ELSE v_sign * greatest(v_sign * v_own, v_sign * p_position) END;
  v_next = v_sign * greatest(v_sign * v_own, v_sign * (v_base + v_gap));
  v_limit = CASE WHEN v_sign > 0 THEN v_shape.seqmax ELSE v_shape.seqmin END;
  IF v_sign * (v_next + v_shape.seqincrement) > v_sign * v_limit THEN
    IF NOT v_shape.seqcycle OR v_sign * v_base > v_sign * v_limit THEN
      RAISE EXCEPTION USING ERRCODE = 'SL002', MESSAGE = pg_catalog.format(
        'sequence %1$s must continue after %2$s, but ends at %3$s. ALTER SEQUENCE %1$s AS bigint %4$s, then resume.',
        p_sequence, v_next, v_limit, CASE WHEN v_sign > 0 THEN 'NO MAXVALUE' ELSE 'NO MINVALUE' END);
    END IF;
    v_next = v_limit;
  END IF;
  UPDATE sluice.guard SET advanced = advanced
      || pg_catalog.jsonb_build_object(p_sequence, pg_catalog.jsonb_build_object('epoch', p_epoch, 'position', v_next))
    WHERE owner = p_owner AND migration = p_migration AND side = p_side;
  RETURN pg_catalog.setval(p_sequence::regclass, v_next::bigint, true);
END $f$;
