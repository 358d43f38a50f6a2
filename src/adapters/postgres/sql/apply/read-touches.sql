-- Reads how often appliers wrote to each chunk: the chunk's number and the sum. A prefix ends with `/`, and `0` is
-- the character after it.
SELECT substr(o.chunk_scope, length(CAST(:prefix AS text)) + 1) AS chunk, sum(o.times)::text AS times
FROM sluice.touch AS o
WHERE o.chunk_scope >= CAST(:prefix AS text) AND o.chunk_scope < left(CAST(:prefix AS text), -1) || '0'
GROUP BY o.chunk_scope
