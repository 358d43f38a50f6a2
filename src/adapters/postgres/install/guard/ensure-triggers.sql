-- Completes the triggers of a guard on tables that the caller has locked, and enables them for every session: row triggers,
-- because they are cloned to partitions and fire for replicated changes, and a TRUNCATE trigger on every leaf. A table's
-- owner may have dropped, disabled or downgraded them.
CREATE OR REPLACE FUNCTION sluice.ensure_triggers(p_guard sluice.guard, p_tables oid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_function oid = pg_catalog.to_regprocedure(pg_catalog.format('sluice.%I()', 'guard_' || p_guard.id));
  v_row text = 'sluice_guard_' || p_guard.id;
  v_truncate text = v_row || '_truncate';
  v_call text = pg_catalog.format('EXECUTE FUNCTION sluice.%I(%L, %L)', 'guard_' || p_guard.id, p_guard.migration, p_guard.side);
  v_table record;
BEGIN
  FOR v_table IN
    SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name,
      EXISTS (SELECT FROM pg_catalog.pg_inherits AS i WHERE i.inhrelid = c.oid AND i.inhparent = ANY (p_tables)) AS is_cloned,
      pg_catalog.bool_or(t.tgtype & 1 = 1) AS has_row, pg_catalog.bool_or(t.tgtype & 1 = 0) AS has_truncate
    FROM pg_catalog.unnest(p_tables) WITH ORDINALITY AS l(relation, position)
    JOIN pg_catalog.pg_class AS c ON c.oid = l.relation JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = c.oid AND t.tgfoid = v_function
    GROUP BY c.oid, n.nspname, c.relname
    HAVING pg_catalog.count(t.oid) <> 2 OR NOT pg_catalog.bool_and(t.tgenabled = 'A')
    ORDER BY pg_catalog.min(l.position)
  LOOP
    IF v_table.has_row IS NOT TRUE AND NOT v_table.is_cloned THEN
      EXECUTE pg_catalog.format('CREATE TRIGGER %I BEFORE INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW %s', v_row, v_table.name, v_call);
    END IF;
    IF v_table.has_truncate IS NOT TRUE THEN
      EXECUTE pg_catalog.format('CREATE TRIGGER %I BEFORE TRUNCATE ON %s FOR EACH STATEMENT %s', v_truncate, v_table.name, v_call);
    END IF;
    EXECUTE pg_catalog.format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I, ENABLE ALWAYS TRIGGER %I', v_table.name, v_row, v_truncate);
  END LOOP;
END $f$;
