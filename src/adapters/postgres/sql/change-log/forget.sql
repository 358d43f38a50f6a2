-- Deletes exactly these entries. Each is looked up by itself, in every partition, and deleted by its ctid, so that
-- the planner never scans the table, although its statistics are wrong because it fills and empties all the time.
DELETE FROM sluice.change_log WHERE ctid = ANY (ARRAY(
  SELECT l.place FROM sluice.capture AS c
  CROSS JOIN LATERAL generate_series(0, c.partitions - 1) AS p(number)
  CROSS JOIN unnest(CAST(:entries AS bigint[])) AS e(id)
  CROSS JOIN LATERAL (
    SELECT o.ctid AS place FROM sluice.change_log AS o
    WHERE o.capture = c.id AND o.partition = p.number AND o.id = e.id LIMIT 1
  ) AS l
  WHERE c.id = CAST(:capture AS bigint)))
