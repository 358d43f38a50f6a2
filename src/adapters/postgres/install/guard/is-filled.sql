-- Returns whether a partition has a row that was there before the partition, or a parent of it that is not known yet, was
-- attached: its triggers have not seen such a row. Nothing can be inserted while a table is attached. So a row of an older
-- transaction was there before, unless the table was created with the attachment; of the same transaction, the number of the
-- command decides. A transaction that was older than the attachment and inserted after it counts as before.
CREATE OR REPLACE FUNCTION sluice.is_filled(p_partition oid, p_known oid[]) RETURNS boolean LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_attached record;
  v_filled boolean;
BEGIN
  FOR v_attached IN
    WITH RECURSIVE path AS (
      SELECT inhparent, xmin, cmin FROM pg_catalog.pg_inherits WHERE inhrelid = p_partition
      UNION ALL SELECT i.inhparent, i.xmin, i.cmin FROM path JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = path.inhparent
        WHERE path.inhparent <> ALL (p_known)
    )
    SELECT p_partition::regclass AS name, p.xmin, p.cmin, pg_catalog.age(a.xmin) > pg_catalog.age(p.xmin) AS is_older
    FROM path AS p JOIN pg_catalog.pg_attribute AS a ON a.attrelid = p_partition AND a.attname = 'tableoid'
  LOOP
    EXECUTE pg_catalog.format('SELECT EXISTS (SELECT FROM ONLY %s AS r WHERE CASE WHEN r.xmin = %L::xid
        THEN r.cmin::text::bigint < %s ELSE %L AND pg_catalog.age(r.xmin) > pg_catalog.age(%L::xid) END)',
      v_attached.name, v_attached.xmin, v_attached.cmin, v_attached.is_older, v_attached.xmin) INTO v_filled;
    IF v_filled THEN RETURN true; END IF;
  END LOOP;
  RETURN false;
END $f$;
