-- Closes every lease under a prefix, in the order of their scopes, and raises their tokens, so that no write in flight
-- can take effect.
CREATE OR REPLACE FUNCTION sluice.close_scopes(p_prefix text) RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $f$
  WITH locked AS (
    SELECT scope FROM sluice.lease WHERE pg_catalog.starts_with(scope, p_prefix) ORDER BY scope FOR UPDATE
  )
  UPDATE sluice.lease AS l SET token = l.token + 1, open = false FROM locked WHERE l.scope = locked.scope
$f$;
