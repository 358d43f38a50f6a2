-- Gives a side's guard, with its leases, captures and records, to a control plane, under an epoch that is newer than the
-- guard's. It refuses unless the guard is as the person who decided has seen it. The former owner keeps a removed guard, so
-- its calls of this generation change nothing any more. Nothing changes for the application, because neither triggers nor states change. A repeated call
-- changes nothing. Owner only.
CREATE OR REPLACE FUNCTION sluice.adopt_guard(
  p_owner text, p_migration text, p_side text, p_generation bigint, p_epoch bigint, p_environment text,
  p_seen_owner text, p_seen_generation bigint, p_seen_epoch bigint, p_seen_state text
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_guard sluice.guard;
  v_from text = pg_catalog.concat_ws('/', p_seen_owner, p_migration, p_side, '');
  v_to text = pg_catalog.concat_ws('/', p_owner, p_migration, p_side, '');
BEGIN
  PERFORM pg_catalog.pg_advisory_xact_lock(8241736019527);
  PERFORM FROM sluice.guard WHERE migration = p_migration AND side = p_side ORDER BY owner FOR UPDATE;
  PERFORM FROM sluice.guard WHERE owner = p_owner AND migration = p_migration AND side = p_side
    AND generation = p_generation AND epoch = p_epoch AND state <> 'none';
  IF FOUND THEN RETURN; END IF;
  SELECT * INTO v_guard FROM sluice.guard WHERE owner = p_seen_owner AND migration = p_migration AND side = p_side;
  IF NOT FOUND OR v_guard.generation <> p_seen_generation OR v_guard.epoch <> p_seen_epoch OR v_guard.state <> p_seen_state
    OR v_guard.state = 'none' OR EXISTS (SELECT FROM sluice.guard WHERE migration = p_migration AND side = p_side
      AND (CASE WHEN owner = p_seen_owner THEN generation > p_generation ELSE state <> 'none' END OR epoch >= p_epoch)) THEN
    RAISE EXCEPTION USING ERRCODE = 'SL001', MESSAGE = pg_catalog.format(
      'nothing was adopted on the %s of migration %s: the guard was shown as %s, of control plane %s, generation %s, epoch %s, and has changed to %s',
      p_side, p_migration, p_seen_state, p_seen_owner, p_seen_generation, p_seen_epoch,
      (SELECT coalesce(pg_catalog.string_agg(pg_catalog.format('%s, of control plane %s, generation %s, epoch %s',
          state, owner, generation, epoch), '; ' ORDER BY owner), 'none at all')
       FROM sluice.guard WHERE migration = p_migration AND side = p_side));
  END IF;
  IF p_seen_owner <> p_owner THEN
    DELETE FROM sluice.guard WHERE owner = p_owner AND migration = p_migration AND side = p_side;
  END IF;
  UPDATE sluice.guard SET owner = p_owner, environment = p_environment, generation = p_generation, epoch = p_epoch
    WHERE owner = p_seen_owner AND migration = p_migration AND side = p_side;
  PERFORM sluice.assert_authority(p_owner, p_migration, p_side, p_generation, p_epoch);
  IF p_seen_owner = p_owner THEN RETURN; END IF;
  INSERT INTO sluice.guard (owner, environment, migration, side, generation, epoch, state)
    VALUES (p_seen_owner, v_guard.environment, p_migration, p_side, v_guard.generation, v_guard.epoch, 'none');
  UPDATE sluice.guarded SET owner = p_owner WHERE owner = p_seen_owner AND migration = p_migration AND side = p_side;
  UPDATE sluice.created SET owner = p_owner WHERE owner = p_seen_owner AND migration = p_migration AND side = p_side;
  UPDATE sluice.capture SET owner = p_owner WHERE owner = p_seen_owner AND migration = p_migration AND side = p_side;
  PERFORM FROM sluice.lease WHERE pg_catalog.starts_with(scope, v_from) ORDER BY scope FOR UPDATE;
  UPDATE sluice.lease SET scope = v_to || pg_catalog.substr(scope, pg_catalog.length(v_from) + 1)
    WHERE pg_catalog.starts_with(scope, v_from);
  UPDATE sluice.slice SET scope = v_to || pg_catalog.substr(scope, pg_catalog.length(v_from) + 1)
    WHERE pg_catalog.starts_with(scope, v_from);
  UPDATE sluice.skipped SET scope = v_to || pg_catalog.substr(scope, pg_catalog.length(v_from) + 1)
    WHERE pg_catalog.starts_with(scope, v_from);
  UPDATE sluice.touch SET chunk_scope = v_to || pg_catalog.substr(chunk_scope, pg_catalog.length(v_from) + 1),
      applier_scope = v_to || pg_catalog.substr(applier_scope, pg_catalog.length(v_from) + 1)
    WHERE pg_catalog.starts_with(chunk_scope, v_from);
END $f$;
