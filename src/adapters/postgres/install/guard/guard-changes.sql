-- Describes changes since a side was fenced or darkened by which its rows may not be those that Sluice read or wrote. Triggers of
-- the guard, or its function, were disabled, dropped or replaced, also if they were restored: others may have written
-- meanwhile. Tables were renamed or dropped. Columns or their types were changed, a foreign key was added, or another table inherits from one. Partitions were detached, dropped, or attached with rows. Empty partitions may be created and attached. Under a fence
-- any row was there before, because none can be inserted since.
CREATE OR REPLACE FUNCTION sluice.guard_changes(p_owner text, p_migration text, p_side text) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_guard sluice.guard;
  v_seen text[];
  v_known oid[];
  v_tree oid[];
  v_new record;
  v_filled boolean;
BEGIN
  SELECT * INTO v_guard FROM sluice.guard
    WHERE owner = p_owner AND migration = p_migration AND side = p_side AND state IN ('fenced', 'dark');
  IF NOT FOUND THEN RETURN; END IF;
  RETURN QUERY SELECT c FROM sluice.changed_tables(p_owner, p_migration, p_side) AS c;
  v_seen = ARRAY(SELECT v FROM pg_catalog.unnest(v_guard.triggers) AS v WHERE pg_catalog.starts_with(v, 'partition:'));
  v_tree = ARRAY(SELECT t FROM sluice.guarded AS g CROSS JOIN LATERAL pg_catalog.unnest(sluice.partition_tree(g.relation)) AS t
    WHERE g.owner = p_owner AND g.migration = p_migration AND g.side = p_side);
  v_known = ARRAY(SELECT pg_catalog.split_part(v, ':', 2)::oid FROM pg_catalog.unnest(v_seen) AS v
    UNION SELECT relation FROM sluice.guarded WHERE owner = p_owner AND migration = p_migration AND side = p_side);
  RETURN QUERY SELECT pg_catalog.format('a partition of %s was detached or dropped',
      pg_catalog.string_agg(DISTINCT pg_catalog.split_part(v, ':', 3)::oid::regclass::text, ', '))
    FROM (SELECT pg_catalog.unnest(v_seen) EXCEPT SELECT p.version FROM sluice.partition_versions(p_owner, p_migration, p_side) AS p) AS g(v)
    HAVING count(*) > 0;
  -- A partition takes its triggers along.
  IF NOT FOUND THEN
    RETURN QUERY SELECT 'a trigger of the guard, or its function, was disabled, dropped or replaced'::text
      WHERE EXISTS (SELECT v FROM pg_catalog.unnest(v_guard.triggers) AS v WHERE v ~ '^[0-9]'
        EXCEPT SELECT sluice.trigger_versions(v_guard.id));
  END IF;
  RETURN QUERY SELECT pg_catalog.format('%s %s changed', CASE k.kind WHEN 'children' THEN 'the tables that inherit from'
      WHEN 'types' THEN 'a type of a column of' WHEN 'labels' THEN 'a label of an enum of' WHEN 'columns' THEN 'the columns of' ELSE 'the validated foreign keys of' END,
      pg_catalog.string_agg(k.relation::regclass::text, ', ' ORDER BY k.relation::regclass::text))
    FROM sluice.changed_facts(v_guard) AS k WHERE k.relation = ANY (v_tree) AND k.kind NOT IN ('attributes', 'files') GROUP BY k.kind ORDER BY k.kind;
  RETURN QUERY SELECT pg_catalog.format('%s was rewritten with a change of its columns', k.relation::regclass)
    FROM sluice.changed_facts(v_guard) AS k WHERE k.relation = ANY (v_tree) AND k.kind IN ('attributes', 'files') GROUP BY k.relation HAVING count(*) = 2 ORDER BY 1;
  FOR v_new IN
    SELECT c.oid, c.oid::regclass AS name, c.relkind FROM sluice.partition_versions(p_owner, p_migration, p_side) AS p
    JOIN pg_catalog.pg_class AS c ON c.oid = p.partition WHERE c.oid <> ALL (v_known) AND c.relkind <> 'p' ORDER BY 2::text
  LOOP
    IF v_new.relkind = 'r' AND v_guard.state = 'fenced' THEN
      EXECUTE pg_catalog.format('SELECT EXISTS (SELECT FROM ONLY %s)', v_new.name) INTO v_filled;
    ELSE
      v_filled = v_new.relkind <> 'r' OR sluice.is_filled(v_new.oid, v_known);
    END IF;
    IF v_filled THEN RETURN NEXT pg_catalog.format('partition %s was attached with rows', v_new.name); END IF;
  END LOOP;
END $f$;
