-- Counts the entries of each captured table, up to 100,000 in each partition, and reads the age of the oldest. The
-- oldest entry of a partition is its first.
SELECT c.table_name, sum(l.entries)::bigint AS entries,
  floor(greatest(0, coalesce(extract(epoch FROM clock_timestamp() - min(o.at)) * 1000, 0)))::bigint AS oldest_ms
FROM sluice.capture AS c
CROSS JOIN LATERAL generate_series(0, c.partitions - 1) AS p(number)
CROSS JOIN LATERAL (
  SELECT count(*) AS entries
  FROM (SELECT FROM sluice.change_log AS l WHERE l.capture = c.id AND l.partition = p.number LIMIT 100000) AS entries
) AS l
LEFT JOIN LATERAL (
  SELECT o.at FROM sluice.change_log AS o WHERE o.capture = c.id AND o.partition = p.number ORDER BY o.id LIMIT 1
) AS o ON true
WHERE c.owner = :owner AND c.migration = :migration AND c.side = :side AND c.generation = :generation
GROUP BY c.table_name
