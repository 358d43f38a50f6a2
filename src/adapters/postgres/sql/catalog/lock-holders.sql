-- Lists transactions older than `:ageSeconds` that hold a lock on a table of parameter `tables` (as in
-- DESCRIBE_RELATIONS), or on a partition of it, and would block a guard or a capture, which lock in SHARE ROW
-- EXCLUSIVE mode. Result: rows (position, holder). PostgreSQL shows the age of a transaction only to members of its
-- role and of pg_read_all_stats.
SELECT w.position AS position, json_build_object(
  'pid', l.pid,
  'login', a.usename,
  'backend', a.backend_type,
  'state', a.state,
  'mode', min(l.mode),
  'ageSeconds', extract(epoch FROM max(clock_timestamp() - a.xact_start))::int8
)::text AS holder
FROM json_array_elements(CAST(:tables AS json)) WITH ORDINALITY AS w(item, position)
JOIN pg_catalog.pg_namespace AS n ON n.nspname = CAST(w.item ->> 'schema' AS name)
JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = CAST(w.item ->> 'name' AS name)
CROSS JOIN LATERAL (
  SELECT c.oid AS oid UNION SELECT t.relid::oid FROM pg_partition_tree(c.oid::regclass) AS t
) AS part
JOIN pg_catalog.pg_locks AS l ON l.locktype = 'relation' AND l.relation = part.oid AND l.granted
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database())
  AND l.mode IN ('RowExclusiveLock', 'ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock',
    'AccessExclusiveLock')
JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
WHERE clock_timestamp() - a.xact_start > make_interval(secs => CAST(:ageSeconds AS integer))
GROUP BY w.position, l.pid, a.usename, a.backend_type, a.state
ORDER BY w.position, l.pid
