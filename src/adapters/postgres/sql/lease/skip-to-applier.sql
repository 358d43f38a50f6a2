-- Moves the cursor past a row that conflicts with another one, and leaves its key to an applier.
WITH fence AS (
  UPDATE sluice.lease SET seq = :seq, cursor = CAST(:last AS text[])
  WHERE scope = :scope AND token = :token AND seq = :seq - 1 AND open RETURNING 1
), kept AS (
  INSERT INTO sluice.skipped (scope, key) SELECT :scope, :last FROM fence
)
SELECT count(*) AS held FROM fence
