-- Lists the partitions that hold entries, in one row even if none does. `at_ms` is a time before the statement read
-- anything.
SELECT coalesce(string_agg(c.id::text || '/' || p.number, ','), '') AS dirty,
  floor(extract(epoch FROM statement_timestamp()) * 1000)::bigint AS at_ms
FROM sluice.capture AS c
CROSS JOIN LATERAL generate_series(0, c.partitions - 1) AS p(number)
CROSS JOIN LATERAL (
  SELECT 1 FROM sluice.change_log AS l WHERE l.capture = c.id AND l.partition = p.number LIMIT 1
) AS l
WHERE c.id = ANY (CAST(:captures AS bigint[]))
