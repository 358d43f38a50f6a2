-- Removes one portion of the captures of a migration's side, and returns how many captures remain; the caller repeats
-- it until none does. A removed guard has none. It first removes triggers and functions, one capture per call; then the entries, all at once if
-- no other capture can have any, otherwise in portions.
CREATE OR REPLACE FUNCTION sluice.stop_capture(
  p_owner text, p_migration text, p_side text, p_generation bigint, p_epoch bigint, p_lock_ms integer, p_total_ms integer
) RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_capture sluice.capture;
  v_deleted bigint;
BEGIN
  PERFORM sluice.succeed_guard(p_owner, p_migration, p_side, p_generation, p_epoch);
  PERFORM FROM sluice.guard WHERE owner = p_owner AND migration = p_migration AND side = p_side FOR SHARE;
  IF NOT sluice.has_guard(p_owner, p_migration, p_side) THEN RETURN 0; END IF;
  PERFORM sluice.own_guard(p_owner, p_migration, p_side, p_generation, p_epoch);
  SELECT * INTO v_capture FROM sluice.capture
    WHERE owner = p_owner AND migration = p_migration AND side = p_side AND generation <= p_generation ORDER BY stopped, id LIMIT 1;
  IF NOT FOUND THEN RETURN 0; END IF;
  IF NOT v_capture.stopped THEN
    PERFORM sluice.drop_capture(v_capture.id, p_lock_ms, p_total_ms);
  ELSE
    PERFORM pg_catalog.set_config('lock_timeout', p_lock_ms || 'ms', true);
    LOCK TABLE sluice.capture IN SHARE ROW EXCLUSIVE MODE;
    IF NOT EXISTS (SELECT FROM sluice.capture WHERE (owner, migration, side) <> (p_owner, p_migration, p_side) OR NOT stopped) THEN
      TRUNCATE sluice.change_log, sluice.capture_loss;
      DELETE FROM sluice.capture WHERE owner = p_owner AND migration = p_migration AND side = p_side;
    ELSE
      DELETE FROM sluice.change_log WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM sluice.change_log WHERE capture = v_capture.id LIMIT 20000));
      GET DIAGNOSTICS v_deleted = ROW_COUNT;
      IF v_deleted < 20000 THEN
        DELETE FROM sluice.capture_loss WHERE capture = v_capture.id;
        DELETE FROM sluice.capture WHERE id = v_capture.id;
      END IF;
    END IF;
  END IF;
  RETURN (SELECT count(*) FROM sluice.capture WHERE owner = p_owner AND migration = p_migration AND side = p_side);
END $f$;
