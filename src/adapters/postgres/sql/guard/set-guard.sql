-- The only way to change a guard. First the epoch, so that a late or repeated call changes nothing; then the lock on
-- every table, with a short timeout and retries within a total; then the triggers. Waiting for the lock is waiting
-- for the writers in flight; opening what is open waits for nobody. An exempting guard lets the login through that
-- set it. The same call again, with the same epoch, answers what the first one did.
SELECT to_char(sluice.set_guard(CAST(:migration AS text), CAST(:side AS text), :epoch,
  CAST(:state AS text), CAST(:from AS text[]), CAST(:seconds AS double precision), CAST(:exempt AS boolean), CAST(:lockMs AS integer),
  CAST(:totalMs AS integer)) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS deadline
