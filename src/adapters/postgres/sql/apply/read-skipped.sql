-- Reads keys that a copier left to the appliers, 300 at a time, because the Data API limits the size of a result.
SELECT s.id::text AS id, s.key FROM sluice.skipped AS s
WHERE s.scope = :scope AND s.id > CAST(:after AS bigint) ORDER BY s.id LIMIT 300
