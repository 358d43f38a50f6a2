-- Creates a side's tables from the definition's schema files and records every object that this transaction created, so
-- that an abort can drop exactly those: others may create objects while the files run. The tables refuse all logins but
-- the worker's from the start: an abort drops them, so no rows of others may be in them. Does nothing if this was done
-- before, or if every mapped table exists. Returns how many objects and rights it recorded. The files start with
-- PostgreSQL's default path, and keep one that they set; without the RESET, it would outlast the transaction.
CREATE OR REPLACE FUNCTION sluice.create_target(
  p_owner text, p_migration text, p_side text, p_generation bigint, p_epoch bigint,
  p_files text, p_tables text, p_worker text, p_verifier text
) RETURNS integer LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_files text[] = ARRAY(SELECT pg_catalog.jsonb_array_elements_text(p_files::jsonb));
  v_file text;
  v_item record;
  v_position bigint = 0;
  v_schema record;
  v_guard sluice.guard;
BEGIN
  PERFORM pg_catalog.pg_advisory_xact_lock(8241736019527);
  PERFORM sluice.assert_authority(p_owner, p_migration, p_side, p_generation, p_epoch);
  IF EXISTS (SELECT FROM sluice.created WHERE owner = p_owner AND migration = p_migration AND side = p_side) THEN RETURN 0; END IF;
  IF NOT EXISTS (SELECT FROM pg_catalog.jsonb_array_elements(p_tables::jsonb) AS t
                 WHERE pg_catalog.to_regclass(pg_catalog.format('%I.%I', t ->> 'schema', t ->> 'name')) IS NULL) THEN
    RETURN 0;
  END IF;
  CREATE TEMP TABLE sluice_before ON COMMIT DROP AS SELECT * FROM sluice.inventory();
  FOREACH v_file IN ARRAY v_files LOOP
    IF pg_catalog.current_setting('search_path') OPERATOR(pg_catalog.=) 'pg_catalog, pg_temp' THEN
      PERFORM pg_catalog.set_config('search_path', '"$user", public', true);
    END IF;
    EXECUTE v_file;
  END LOOP;
  RESET search_path;
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  FOR v_item IN
    SELECT a.* FROM sluice.inventory() AS a
    WHERE CASE WHEN EXISTS (SELECT FROM sluice_before AS b WHERE b.kind = a.kind AND b.identity = a.identity) THEN false
      ELSE sluice.is_written_here(a.made) END
    ORDER BY a.born
  LOOP
    v_position = v_position + 1;
    INSERT INTO sluice.created
      VALUES (p_owner, p_migration, p_side, v_position, v_item.kind, v_item.class, v_item.born, v_item.identity);
    IF v_item.kind = 'schema' THEN
      EXECUTE pg_catalog.format('GRANT USAGE ON SCHEMA %s TO %I, %I', v_item.identity, p_worker, p_verifier);
    ELSIF v_item.kind = 'table' THEN
      EXECUTE pg_catalog.format('GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE %s TO %I', v_item.identity, p_worker);
      EXECUTE pg_catalog.format('GRANT SELECT ON TABLE %s TO %I', v_item.identity, p_verifier);
      FOR v_schema IN
        SELECT n.oid, n.nspname, l.login FROM pg_catalog.unnest(ARRAY[p_worker, p_verifier]) AS l(login)
        CROSS JOIN pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.oid = v_item.born AND NOT pg_catalog.has_schema_privilege(l.login, n.oid, 'USAGE')
      LOOP
        EXECUTE pg_catalog.format('GRANT USAGE ON SCHEMA %I TO %I', v_schema.nspname, v_schema.login);
        v_position = v_position + 1;
        INSERT INTO sluice.created VALUES (p_owner, p_migration, p_side, v_position, 'grant', 'pg_catalog.pg_namespace'::regclass,
          v_schema.oid, pg_catalog.quote_ident(v_schema.login));
      END LOOP;
    END IF;
  END LOOP;
  UPDATE sluice.guarded SET relation = pg_catalog.to_regclass(pg_catalog.format('%I.%I', schema_name, table_name))
    WHERE owner = p_owner AND migration = p_migration AND side = p_side;
  SELECT * INTO v_guard FROM sluice.guard WHERE owner = p_owner AND migration = p_migration AND side = p_side;
  PERFORM sluice.write_guard(v_guard.id, sluice.passing_rows('dark', NULL, p_worker));
  PERFORM sluice.ensure_triggers(v_guard, sluice.lock_trees(ARRAY(SELECT relation FROM sluice.guarded
    WHERE owner = p_owner AND migration = p_migration AND side = p_side AND relation IS NOT NULL), 'SHARE ROW EXCLUSIVE', 400, 900));
  RETURN v_position;
END $f$;
