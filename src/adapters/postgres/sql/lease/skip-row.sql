-- Moves the cursor past a row that the target refuses.
UPDATE sluice.lease SET seq = :seq, cursor = CAST(:last AS text[])
WHERE scope = :scope AND token = :token AND seq = :seq - 1 AND open RETURNING 1 AS held
