-- Deletes exactly these entries of one partition.
SELECT 1 AS done FROM sluice.forget_entries(CAST(:capture AS bigint), CAST(:partition AS integer), CAST(:entries AS bigint[]))
