-- Deletes exactly these entries of one partition of a capture, which its random id names. Each is looked up by itself and deleted
-- by its ctid, so that the planner never scans the table, although its statistics are wrong because it fills and empties all
-- the time. It is the only way in which an applier's login can delete entries. The applier's lease is in the other database, so
-- it cannot be checked here.
CREATE OR REPLACE FUNCTION sluice.forget_entries(p_capture bigint, p_partition integer, p_entries bigint[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$
  DELETE FROM sluice.change_log WHERE ctid = ANY (ARRAY(
    SELECT l.place FROM pg_catalog.unnest(p_entries) AS e(id)
    CROSS JOIN LATERAL (
      SELECT o.ctid AS place FROM sluice.change_log AS o
      WHERE o.capture = p_capture AND o.partition = p_partition AND o.id = e.id LIMIT 1
    ) AS l))
$f$;
