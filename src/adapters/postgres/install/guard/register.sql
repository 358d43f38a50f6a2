-- Creates a side's guard, open, and records its tables and the worker's login, which passes it while only Sluice may write.
-- A newer generation takes over the guard only after its removal. Refuses tables that another guard has, all at once. A repeated call changes nothing. Owner only.
CREATE OR REPLACE FUNCTION sluice.register(
  p_owner text, p_migration text, p_side text, p_generation bigint, p_epoch bigint, p_environment text, p_ends text, p_tables text,
  p_worker text
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_taken text;
  v_state text;
  v_id bigint;
BEGIN
  PERFORM pg_catalog.pg_advisory_xact_lock(8241736019527);
  SELECT pg_catalog.string_agg(t.taken, '; ' ORDER BY t.taken), max(t.state) INTO v_taken, v_state
  FROM (
    SELECT CASE WHEN g.owner = p_owner THEN 'SL002' ELSE 'SL007' END AS state,
      pg_catalog.format('%s by control plane %s, environment %s, as the %s of migration %s, generation %s, epoch %s',
        pg_catalog.string_agg(d.schema_name || '.' || d.table_name, ', ' ORDER BY d.schema_name, d.table_name),
        g.owner, g.environment, g.side, g.migration, g.generation, g.epoch) AS taken
    FROM sluice.tables_sharing_relations(p_tables) AS d
    JOIN sluice.guard AS g ON g.owner = d.owner AND g.migration = d.migration AND g.side = d.side
    WHERE (g.owner, g.migration, g.side) <> (p_owner, p_migration, p_side)
    GROUP BY g.owner, g.migration, g.side
  ) AS t;
  IF v_taken IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = v_state, MESSAGE = pg_catalog.format(
      'nothing was changed on the %s of migration %s, because tables are guarded: %s; the call is of control plane %s, generation %s, epoch %s',
      p_side, p_migration, v_taken, p_owner, p_generation, p_epoch);
  END IF;
  INSERT INTO sluice.guard AS g (owner, environment, ends, migration, side, generation, epoch, state, worker)
    VALUES (p_owner, p_environment, p_ends::jsonb, p_migration, p_side, p_generation, p_epoch, 'open', p_worker)
    ON CONFLICT (owner, migration, side) DO UPDATE SET environment = EXCLUDED.environment, ends = EXCLUDED.ends,
      generation = EXCLUDED.generation, epoch = EXCLUDED.epoch, state = 'open', worker = EXCLUDED.worker, deadline = NULL, advanced = '{}'
    WHERE g.state = 'none' AND g.generation < EXCLUDED.generation AND g.epoch < EXCLUDED.epoch
    RETURNING g.id INTO v_id;
  IF FOUND THEN
    INSERT INTO sluice.guarded (owner, migration, side, schema_name, table_name, relation)
      SELECT p_owner, p_migration, p_side, t ->> 'schema', t ->> 'name',
        pg_catalog.to_regclass(pg_catalog.format('%I.%I', t ->> 'schema', t ->> 'name'))
      FROM pg_catalog.jsonb_array_elements(p_tables::jsonb) AS t;
    PERFORM sluice.write_guard(v_id, sluice.passing_rows('open', NULL, ''));
    RETURN;
  END IF;
  PERFORM sluice.assert_authority(p_owner, p_migration, p_side, p_generation, p_epoch);
  SELECT pg_catalog.string_agg(coalesce(d.name, t.name), ', ' ORDER BY coalesce(d.name, t.name)) INTO v_taken
  FROM (SELECT schema_name || '.' || table_name AS name FROM sluice.guarded
        WHERE owner = p_owner AND migration = p_migration AND side = p_side) AS d
  FULL JOIN (SELECT (t ->> 'schema') || '.' || (t ->> 'name') AS name
             FROM pg_catalog.jsonb_array_elements(p_tables::jsonb) AS t) AS t ON t.name = d.name
  WHERE d.name IS NULL OR t.name IS NULL;
  IF v_taken IS NOT NULL THEN
    RAISE EXCEPTION 'the % of migration % was registered in generation % with other tables: % differ. Abort, or restore the definition',
      p_side, p_migration, p_generation, v_taken USING ERRCODE = 'SL002';
  END IF;
END $f$;
