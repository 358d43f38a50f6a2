-- Returns whether a call may change a guard that it owns; false if the same call was done before. Raises if the epoch is not
-- newer, or if the change may not start from the guard's state.
CREATE OR REPLACE FUNCTION sluice.may_change_guard(p_guard sluice.guard, p_epoch bigint, p_state text, p_from text[]) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
BEGIN
  IF p_guard.epoch = p_epoch AND p_guard.state = p_state THEN RETURN false; END IF;
  IF p_guard.epoch = p_epoch THEN
    RAISE EXCEPTION 'epoch % of the % of migration % is not newer than the guard''s', p_epoch, p_guard.side, p_guard.migration
      USING ERRCODE = 'SL001';
  END IF;
  IF p_guard.state <> ALL (p_from) THEN
    RAISE EXCEPTION 'the guard of the % of migration % is %, not one of %', p_guard.side, p_guard.migration, p_guard.state, p_from
      USING ERRCODE = 'SL002';
  END IF;
  IF p_guard.state = 'open' AND p_state = 'dark' AND EXISTS (SELECT FROM sluice.lease WHERE pg_catalog.starts_with(scope,
      pg_catalog.concat_ws('/', p_guard.owner, p_guard.migration, p_guard.side, ''))) THEN
    RAISE EXCEPTION 'migration % is finished: the tables of its % serve the application', p_guard.migration, p_guard.side
      USING ERRCODE = 'SL002';
  END IF;
  RETURN true;
END $f$;
