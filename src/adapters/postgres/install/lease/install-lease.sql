-- Stores a claim's token in its lease, which belongs to the side that is written to. Tokens only increase, and only
-- while that side is dark: the shared lock on the guard's row makes a revocation wait for installs in flight, and
-- every later install sees the revocation. A chunk that was reopened has a new attempt and starts over. A repeated
-- call returns the same row.
CREATE OR REPLACE FUNCTION sluice.install_lease(
  p_owner text, p_migration text, p_side text, p_generation bigint, p_epoch bigint,
  p_scope text, p_token bigint, p_attempt bigint
) RETURNS TABLE (installed boolean, lower_key text, upper_key text, cursor_key text) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $f$
BEGIN
  PERFORM sluice.assert_authority(p_owner, p_migration, p_side, p_generation, p_epoch);
  PERFORM FROM sluice.guard WHERE owner = p_owner AND migration = p_migration AND side = p_side AND state = 'dark';
  IF NOT FOUND THEN RETURN; END IF;
  RETURN QUERY UPDATE sluice.lease AS l SET token = p_token, seq = 0, open = true, attempt = p_attempt,
      cursor = CASE WHEN l.attempt = p_attempt THEN l.cursor END
    WHERE l.scope = p_scope
      AND pg_catalog.starts_with(l.scope, pg_catalog.concat_ws('/', p_owner, p_migration, p_side, p_generation, ''))
      AND (l.token < p_token OR (l.token = p_token AND l.seq = 0 AND l.open))
    RETURNING true, l.lower::text, l.upper::text, l.cursor::text;
END $f$;
