-- Returns the guard that a controlling call acts on. Raises SL007 if the guard belongs to another control plane, also if
-- it was adopted from the caller's, SL001 if the call is older than the guard, and SL002 if the call's generation has no
-- guard.
CREATE OR REPLACE FUNCTION sluice.own_guard(
  p_owner text, p_migration text, p_side text, p_generation bigint, p_epoch bigint
) RETURNS sluice.guard LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_guard sluice.guard;
  v_state text;
  v_why text;
BEGIN
  SELECT * INTO v_guard FROM sluice.guard
    WHERE migration = p_migration AND side = p_side AND (owner = p_owner OR state <> 'none')
    ORDER BY state <> 'none' DESC, owner = p_owner DESC, owner LIMIT 1;
  IF NOT FOUND THEN
    v_state = 'SL002';
    v_why = 'no guard is registered';
  ELSIF v_guard.owner <> p_owner THEN
    v_state = 'SL007';
    v_why = 'the guard belongs to another control plane';
  ELSIF v_guard.epoch > p_epoch OR v_guard.generation > p_generation THEN
    v_state = 'SL001';
    v_why = 'a newer call was first';
  ELSIF v_guard.generation < p_generation THEN
    v_state = 'SL002';
    v_why = 'no guard of this generation is registered';
  ELSE
    RETURN v_guard;
  END IF;
  RAISE EXCEPTION USING ERRCODE = v_state, MESSAGE = pg_catalog.format(
    'nothing was changed on the %s of migration %s, because %s: the call is of control plane %s, generation %s, epoch %s%s',
    p_side, p_migration, v_why, p_owner, p_generation, p_epoch,
    CASE WHEN v_guard.owner IS NOT NULL THEN pg_catalog.format('; the guard is %s, of control plane %s, environment %s, generation %s, epoch %s',
      v_guard.state, v_guard.owner, v_guard.environment, v_guard.generation, v_guard.epoch) ELSE '' END);
END $f$;
