-- Creates the capture triggers: on an ordinary table, statement triggers; on a partitioned table, row triggers, which
-- are cloned to every partition, because no statement trigger sees the rows that a MERGE moves to another partition.
-- TRUNCATE names no rows and fires only the triggers of the tables that it names or empties, so every table of the
-- tree has its own trigger for it.
CREATE OR REPLACE FUNCTION sluice.create_capture_triggers(p_capture sluice.capture, p_tree oid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_table record;
  v_event text;
  v_name text;
BEGIN
  FOR v_table IN
    SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name, c.oid = p_capture.relation AS is_root
    FROM pg_catalog.unnest(p_tree) WITH ORDINALITY AS t(oid, position) JOIN pg_catalog.pg_class AS c ON c.oid = t.oid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace ORDER BY t.position
  LOOP
    FOREACH v_event IN ARRAY ARRAY['insert', 'update', 'delete', 'truncate'] LOOP
      v_name = pg_catalog.concat_ws('_', 'sluice_capture', v_event, p_capture.id);
      IF v_table.is_root OR v_event = 'truncate' THEN
        EXECUTE pg_catalog.format('CREATE TRIGGER %I AFTER %s ON %s %s EXECUTE FUNCTION sluice.%I()', v_name, v_event,
          v_table.name, CASE WHEN v_event = 'truncate' THEN 'FOR EACH STATEMENT' WHEN p_capture.by_row THEN 'FOR EACH ROW'
            ELSE CASE v_event WHEN 'insert' THEN 'REFERENCING NEW TABLE AS new_rows'
              WHEN 'update' THEN 'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows'
              ELSE 'REFERENCING OLD TABLE AS old_rows' END || ' FOR EACH STATEMENT' END,
          'capture_' || p_capture.id);
      END IF;
      EXECUTE pg_catalog.format('ALTER TABLE ONLY %s ENABLE ALWAYS TRIGGER %I', v_table.name, v_name);
    END LOOP;
  END LOOP;
END $f$;
