-- Makes keys dirty, unless the capture is stopped.
SELECT 1 AS done FROM sluice.enqueue(CAST(:capture AS bigint), CAST(:keys AS text))
