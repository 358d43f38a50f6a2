-- Makes keys dirty. A capture that is being stopped waits for it, and takes no more keys afterwards.
SELECT 1 AS done FROM sluice.enqueue(CAST(:capture AS bigint), CAST(:keys AS text))
