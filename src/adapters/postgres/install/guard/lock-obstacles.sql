-- Lists the sessions and prepared transactions whose locks would keep a fence of a side waiting: transactions that are older
-- than one lock attempt; those that build an index concurrently, and would deadlock with the fence; and autovacuums that
-- prevent wraparound, because only other autovacuums yield. Sluice's own transactions end. Names no statement, because its text may hold row data.
CREATE OR REPLACE FUNCTION sluice.lock_obstacles(p_owner text, p_migration text, p_side text, p_lock_ms integer) RETURNS SETOF text
LANGUAGE sql SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' SET DateStyle = 'ISO, YMD' AS $f$
  WITH RECURSIVE tree(relid) AS (
    SELECT relation FROM sluice.guarded WHERE owner = p_owner AND migration = p_migration AND side = p_side
    UNION SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits AS i ON i.inhparent = tree.relid
  ), holder AS (
    SELECT l.pid, l.virtualtransaction AS transaction, pg_catalog.bool_or(l.mode = 'ShareUpdateExclusiveLock') AS shares,
      pg_catalog.concat_ws(' ', CASE WHEN pg_catalog.bool_or(l.granted) THEN 'holds' ELSE 'waits for' END,
        pg_catalog.string_agg(DISTINCT l.mode, ', '), 'on', pg_catalog.string_agg(DISTINCT n.nspname || '.' || c.relname, ', ')) AS locks
    FROM tree JOIN pg_catalog.pg_locks AS l ON l.locktype = 'relation' AND l.relation = tree.relid
    JOIN pg_catalog.pg_class AS c ON c.oid = l.relation JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
      AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')
    GROUP BY l.pid, l.virtualtransaction
  ), session AS (
    SELECT h.*, a.backend_type = 'autovacuum worker' AS vacuums, a.query LIKE '%(to prevent wraparound)' AS is_due,
      h.shares AND (a.query ~* '\mconcurrently\M' OR EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index AS p
        WHERE p.pid = h.pid AND p.command LIKE '%CONCURRENTLY')) AS indexes,
      a.xact_start, pg_catalog.format('session %s of login %s (application %s, %s)', h.pid, coalesce(a.usename::text, 'none'),
        coalesce(pg_catalog.quote_nullable(nullif(a.application_name, '')), 'not named'), coalesce(a.state, a.backend_type, 'not visible')) AS name
    FROM holder AS h JOIN pg_catalog.pg_stat_activity AS a ON a.pid = h.pid
    WHERE h.pid <> pg_catalog.pg_backend_pid() AND a.usename IS DISTINCT FROM session_user
      AND a.usename::text IS DISTINCT FROM (SELECT g.worker FROM sluice.guard AS g
        WHERE g.owner = p_owner AND g.migration = p_migration AND g.side = p_side)
  )
  SELECT CASE
    WHEN s.vacuums THEN pg_catalog.format(
      'autovacuum %s %s to prevent wraparound, since %s, and does not yield. Wait until it ends', s.pid, s.locks, s.xact_start)
    WHEN s.indexes THEN pg_catalog.format(
      '%s %s concurrently with writers, as CREATE INDEX CONCURRENTLY does, and would deadlock with a fence. Wait until it ends', s.name, s.locks)
    ELSE pg_catalog.format('%s %s in a transaction that is open since %s. Wait until it ends, or SELECT pg_terminate_backend(%s)',
      s.name, s.locks, coalesce(s.xact_start::text, 'an unknown time'), s.pid) END
  FROM session AS s
  WHERE CASE WHEN s.vacuums THEN s.is_due
    ELSE s.indexes OR coalesce(pg_catalog.clock_timestamp() - s.xact_start > p_lock_ms * interval '1 millisecond', true) END
  UNION ALL
  SELECT pg_catalog.format('a prepared transaction of login %s %s since %s. COMMIT PREPARED or ROLLBACK PREPARED it; its name: SELECT gid FROM pg_prepared_xacts WHERE transaction = ''%s''',
    p.owner, h.locks, p.prepared, p.transaction)
  FROM holder AS h JOIN pg_catalog.pg_locks AS l
    ON h.pid IS NULL AND l.pid IS NULL AND l.virtualtransaction = h.transaction AND l.locktype = 'transactionid'
  JOIN pg_catalog.pg_prepared_xacts AS p ON p.transaction = l.transactionid
  ORDER BY 1
$f$;
