/** Statements on the leases and guards of the schema `sluice`. Every write of a worker carries its lease. */

export const INSTALL_LEASE = `SELECT installed, lower_key, upper_key, cursor_key
FROM sluice.install_lease(CAST(:migration AS text), CAST(:side AS text), CAST(:scope AS text), :token, :life)`;

/** What the database knows of a lease, for a writer whose statement may or may not have run. */
export const READ_LEASE = `SELECT token, seq, open, lower::text AS lower_key, upper::text AS upper_key, cursor::text AS cursor_key
FROM sluice.lease WHERE scope = :scope`;

export const CLOSE_LEASE = `UPDATE sluice.lease SET open = false WHERE scope = :scope AND token = :token RETURNING 1 AS closed`;

/** Closes every lease under a prefix in the order in which a revocation locks them: the tokens that writers hold are worth nothing any more. */
export const CLOSE_LEASES = `WITH locked AS (
  SELECT scope FROM sluice.lease WHERE starts_with(scope, :prefix) ORDER BY scope FOR UPDATE
)
UPDATE sluice.lease AS l SET token = l.token + 1, open = false FROM locked WHERE l.scope = locked.scope`;

/** Moves the cursor over a row that the target refuses. */
export const SKIP_ROW = `UPDATE sluice.lease SET seq = :seq, cursor = CAST(:last AS text[])
WHERE scope = :scope AND token = :token AND seq = :seq - 1 AND open RETURNING 1 AS held`;

/** Moves the cursor over a row in whose place another row is, and keeps its key for an applier. */
export const LEAVE_KEY = `WITH fence AS (
  UPDATE sluice.lease SET seq = :seq, cursor = CAST(:last AS text[])
  WHERE scope = :scope AND token = :token AND seq = :seq - 1 AND open RETURNING 1
), kept AS (
  INSERT INTO sluice.skipped (scope, key) SELECT :scope, :last FROM fence
)
SELECT count(*) AS held FROM fence`;

export const REVOKE_LEASES = `SELECT sluice.revoke_leases(CAST(:migration AS text), CAST(:side AS text), :epoch) AS revoked`;

export const SET_GUARD = `SELECT to_char(sluice.set_guard(CAST(:migration AS text), CAST(:side AS text), :epoch,
  CAST(:state AS text), CAST(:from AS text[]), CAST(:seconds AS double precision), CAST(:exempt AS boolean), CAST(:lockMs AS integer),
  CAST(:totalMs AS integer)) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS deadline`;

export const READ_GUARD = `SELECT epoch, state, deadline IS NOT NULL AND clock_timestamp() >= deadline AS expired
FROM sluice.guard WHERE migration = :migration AND side = :side`;

export const SEQUENCE_POSITION = `SELECT sluice.sequence_position(CAST(:sequence AS text))::text AS position`;

export const ADVANCE_SEQUENCE = `SELECT sluice.advance_sequence(CAST(:sequence AS text), CAST(:position AS bigint), :gap)::text AS position`;

export const SESSION_LOGIN = `SELECT session_user::text AS login`;
