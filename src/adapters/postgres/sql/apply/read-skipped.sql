-- Keys that a copier left to appliers, a few at a time: the result of the Data API is bounded.
SELECT s.id::text AS id, s.key FROM sluice.skipped AS s
WHERE s.scope = :scope AND s.id > CAST(:after AS bigint) ORDER BY s.id LIMIT 300
