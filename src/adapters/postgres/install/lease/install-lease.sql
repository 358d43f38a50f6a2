-- Stores a claim's token in its lease, which belongs to the side that is written to. Tokens only increase, and only
-- while that side is dark: the shared lock on the guard's row makes a revocation wait for installs in flight, and
-- every later install sees the revocation. A chunk that was reopened has a new attempt and starts over. A repeated
-- call returns the same row.
CREATE OR REPLACE FUNCTION sluice.install_lease(p_migration text, p_side text, p_scope text, p_token bigint, p_attempt bigint)
RETURNS TABLE (installed boolean, lower_key text, upper_key text, cursor_key text) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = '' AS $f$
BEGIN
  PERFORM FROM sluice.guard WHERE migration = p_migration AND side = p_side AND state = 'dark' FOR SHARE;
  IF NOT FOUND THEN RETURN; END IF;
  RETURN QUERY UPDATE sluice.lease AS l SET token = p_token, seq = 0, open = true, attempt = p_attempt,
      cursor = CASE WHEN l.attempt = p_attempt THEN l.cursor END
    WHERE l.scope = p_scope AND pg_catalog.starts_with(l.scope, p_migration || '/' || p_side || '/')
      AND (l.token < p_token OR (l.token = p_token AND l.seq = 0 AND l.open))
    RETURNING true, l.lower::text, l.upper::text, l.cursor::text;
END $f$;
