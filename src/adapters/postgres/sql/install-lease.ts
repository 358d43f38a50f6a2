/** Leases: installed forwards, revoked in key order. */
import { OWN_SCOPES } from './own-scopes';

/**
 * A lease belongs to the side that is written to. It is installed only forwards and only while that side is dark: the shared lock on the guard's row makes a
 * revocation wait for installs in flight, and every later install find it. A chunk that was reopened has a new life and
 * starts over. The same call again answers the same.
 */
export const LEASES = `
  CREATE OR REPLACE FUNCTION sluice.install_lease(p_migration text, p_side text, p_scope text, p_token bigint, p_life bigint)
  RETURNS TABLE (installed boolean, lower_key text, upper_key text, cursor_key text) LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = '' AS $f$
  BEGIN
    PERFORM FROM sluice.guard WHERE migration = p_migration AND side = p_side AND state = 'dark' FOR SHARE;
    IF NOT FOUND THEN RETURN; END IF;
    RETURN QUERY UPDATE sluice.lease AS l SET token = p_token, seq = 0, open = true, life = p_life,
        cursor = CASE WHEN l.life = p_life THEN l.cursor END
      WHERE l.scope = p_scope AND pg_catalog.starts_with(l.scope, ${OWN_SCOPES})
        AND (l.token < p_token OR (l.token = p_token AND l.seq = 0 AND l.open))
      RETURNING true, l.lower::text, l.upper::text, l.cursor::text;
  END $f$;

  CREATE OR REPLACE FUNCTION sluice.revoke_leases(p_migration text, p_side text, p_epoch bigint) RETURNS bigint LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = '' AS $f$
  DECLARE
    v_revoked bigint;
  BEGIN
    UPDATE sluice.guard SET epoch = p_epoch, state = CASE state WHEN 'dark' THEN 'revoked' ELSE state END
      WHERE migration = p_migration AND side = p_side AND epoch < p_epoch;
    WITH locked AS (
      SELECT scope FROM sluice.lease
      WHERE pg_catalog.starts_with(scope, ${OWN_SCOPES}) ORDER BY scope FOR UPDATE
    )
    UPDATE sluice.lease AS l SET token = l.token + 1, open = false FROM locked WHERE l.scope = locked.scope;
    GET DIAGNOSTICS v_revoked = ROW_COUNT;
    DELETE FROM sluice.slice WHERE pg_catalog.starts_with(scope, ${OWN_SCOPES});
    DELETE FROM sluice.skipped WHERE pg_catalog.starts_with(scope, ${OWN_SCOPES});
    DELETE FROM sluice.touch WHERE pg_catalog.starts_with(chunk_scope, ${OWN_SCOPES});
    RETURN v_revoked;
  END $f$;`;
