-- Deletes the staged parts under the lease. It consumes a number, so that a part still in flight is fenced out.
WITH fence AS (
  UPDATE sluice.lease SET seq = :seq WHERE scope = :scope AND token = :token AND seq = :seq - 1 AND open RETURNING 1
), dropped AS (
  DELETE FROM sluice.slice AS s USING fence WHERE s.scope = :scope
)
SELECT count(*) AS held FROM fence
