/** What was made on a side for a migration, and how it is removed. */
import { ONE_AT_A_TIME } from './one-at-a-time';
import { OWN_SCOPES } from './own-scopes';

/**
 * Makes a side's schema from the definition's files and notes what was created, in one transaction, so that an abort
 * can drop exactly that. Does nothing if it was done before, or if every mapped table is there already.
 */
export const CREATE_TARGET = `
  CREATE OR REPLACE FUNCTION sluice.inventory() RETURNS TABLE (kind text, identity text, born oid) LANGUAGE sql STABLE
  SET search_path = '' AS $f$
    SELECT o.kind, o.identity, o.born FROM (
      SELECT 'schema' AS kind, pg_catalog.quote_ident(nspname) AS identity, oid AS born,
             'pg_catalog.pg_namespace'::regclass AS class, nspname AS place
      FROM pg_catalog.pg_namespace
      UNION ALL
      SELECT CASE relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
               WHEN 'f' THEN 'foreign table' ELSE 'table' END,
             pg_catalog.format('%I.%I', n.nspname, c.relname), c.oid, 'pg_catalog.pg_class'::regclass, n.nspname
      FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
      UNION ALL
      SELECT CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END, pg_catalog.format('%I.%I', n.nspname, t.typname),
             t.oid, 'pg_catalog.pg_type'::regclass, n.nspname
      FROM pg_catalog.pg_type AS t
      JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
      LEFT JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid
      WHERE t.typtype IN ('e', 'd', 'r') OR (t.typtype = 'c' AND c.relkind = 'c')
      UNION ALL
      SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
             pg_catalog.format('%I.%I(%s)', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)),
             p.oid, 'pg_catalog.pg_proc'::regclass, n.nspname
      FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
      UNION ALL
      SELECT 'extension', pg_catalog.quote_ident(extname), oid, 'pg_catalog.pg_extension'::regclass, ''
      FROM pg_catalog.pg_extension
    ) AS o
    WHERE o.place !~ '^pg_' AND o.place NOT IN ('sluice', 'information_schema')
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                      WHERE d.classid = o.class AND d.objid = o.born AND d.objsubid = 0 AND d.deptype IN ('e', 'i'))
  $f$;

  CREATE OR REPLACE FUNCTION sluice.create_target(p_migration text, p_side text, p_files text, p_tables text, p_worker text)
  RETURNS integer LANGUAGE plpgsql AS $f$
  DECLARE
    v_file text;
    v_item record;
    v_position bigint = 0;
    v_schema text;
  BEGIN
    ${ONE_AT_A_TIME}
    IF EXISTS (SELECT FROM sluice.created WHERE migration = p_migration AND side = p_side) THEN RETURN 0; END IF;
    IF NOT EXISTS (SELECT FROM pg_catalog.jsonb_array_elements(p_tables::jsonb) AS t
                   WHERE pg_catalog.to_regclass(pg_catalog.format('%I.%I', t ->> 'schema', t ->> 'name')) IS NULL) THEN
      RETURN 0;
    END IF;
    CREATE TEMP TABLE sluice_before ON COMMIT DROP AS SELECT * FROM sluice.inventory();
    FOR v_file IN SELECT pg_catalog.jsonb_array_elements_text(p_files::jsonb) LOOP
      EXECUTE v_file;
    END LOOP;
    FOR v_item IN
      SELECT a.kind, a.identity FROM sluice.inventory() AS a
      WHERE NOT EXISTS (SELECT FROM sluice_before AS b WHERE b.kind = a.kind AND b.identity = a.identity)
      ORDER BY a.born
    LOOP
      v_position = v_position + 1;
      INSERT INTO sluice.created VALUES (p_migration, p_side, v_position, v_item.kind, v_item.identity);
      IF v_item.kind = 'schema' THEN
        EXECUTE pg_catalog.format('GRANT USAGE ON SCHEMA %s TO %I', v_item.identity, p_worker);
      ELSIF v_item.kind = 'table' THEN
        EXECUTE pg_catalog.format('GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE %s TO %I', v_item.identity, p_worker);
        SELECT relnamespace::regnamespace::text INTO v_schema FROM pg_catalog.pg_class
          WHERE oid = v_item.identity::regclass AND NOT pg_catalog.has_schema_privilege(p_worker, relnamespace, 'USAGE');
        CONTINUE WHEN v_schema IS NULL;
        EXECUTE pg_catalog.format('GRANT USAGE ON SCHEMA %s TO %I', v_schema, p_worker);
        v_position = v_position + 1;
        INSERT INTO sluice.created
          VALUES (p_migration, p_side, v_position, 'grant',
            pg_catalog.format('USAGE ON SCHEMA %s FROM %I', v_schema, p_worker));
      END IF;
    END LOOP;
    RETURN v_position;
  END $f$;`;

/**
 * Brings the tables of one side back to what they were, and touches nothing of the other side, which may be in the same
 * database: triggers off, tables that were empty emptied, created objects dropped
 * (tables in one statement, since they may refer to each other; the rest newest first), grants taken back. Returns the
 * tables that keep their rows: those that held some, and those that one of them refers to. Owner only.
 */
export const UNINSTALL = `
  CREATE OR REPLACE FUNCTION sluice.uninstall(p_migration text, p_side text) RETURNS SETOF text LANGUAGE plpgsql AS $f$
  DECLARE
    v_item record;
    v_tables text;
  BEGIN
    IF EXISTS (SELECT FROM sluice.guard WHERE migration = p_migration AND side = p_side AND state = 'open')
      AND EXISTS (SELECT FROM sluice.lease WHERE pg_catalog.starts_with(scope, ${OWN_SCOPES})) THEN
      RAISE EXCEPTION 'migration % is finished here: the tables of its % serve the application', p_migration, p_side
        USING ERRCODE = 'SL002', HINT = 'Nothing was changed. An abort comes before the flip.';
    END IF;
    PERFORM FROM sluice.guard WHERE migration = p_migration AND side = p_side FOR UPDATE;
    WHILE sluice.stop_capture(p_migration, p_side, 400, 20000) > 0 LOOP END LOOP;
    PERFORM sluice.drop_guard(p_migration, p_side, 400, 20000);
    PERFORM pg_catalog.set_config('lock_timeout', '2s', true);

    IF EXISTS (SELECT FROM sluice.lease WHERE pg_catalog.starts_with(scope, ${OWN_SCOPES})) THEN
      LOOP
        UPDATE sluice.guarded AS g SET was_empty = false
        FROM pg_catalog.pg_constraint AS f
        WHERE g.migration = p_migration AND g.side = p_side AND g.was_empty AND f.contype = 'f' AND f.conparentid = 0
          AND f.confrelid = pg_catalog.format('%I.%I', g.schema_name, g.table_name)::regclass
          AND NOT EXISTS (SELECT FROM sluice.guarded AS c
                          WHERE c.migration = p_migration AND c.side = p_side AND c.was_empty
                          AND f.conrelid = pg_catalog.format('%I.%I', c.schema_name, c.table_name)::regclass);
        EXIT WHEN NOT FOUND;
      END LOOP;
      RETURN QUERY SELECT schema_name || '.' || table_name FROM sluice.guarded
        WHERE migration = p_migration AND side = p_side AND NOT was_empty ORDER BY 1;
      SELECT pg_catalog.string_agg(pg_catalog.format('%I.%I', schema_name, table_name), ', ') INTO v_tables
        FROM sluice.guarded WHERE migration = p_migration AND side = p_side AND was_empty;
      IF v_tables IS NOT NULL THEN EXECUTE 'TRUNCATE ' || v_tables; END IF;
    END IF;

    FOR v_item IN SELECT * FROM sluice.created
      WHERE migration = p_migration AND side = p_side AND kind IN ('view', 'materialized view') ORDER BY position DESC
    LOOP
      EXECUTE pg_catalog.format('DROP %s IF EXISTS %s', v_item.kind, v_item.identity);
    END LOOP;
    SELECT pg_catalog.string_agg(identity, ', ' ORDER BY position) INTO v_tables FROM sluice.created
    WHERE migration = p_migration AND side = p_side AND kind = 'table' AND pg_catalog.to_regclass(identity) IS NOT NULL;
    IF v_tables IS NOT NULL THEN EXECUTE 'DROP TABLE ' || v_tables; END IF;
    FOR v_item IN SELECT * FROM sluice.created
      WHERE migration = p_migration AND side = p_side AND kind NOT IN ('table', 'view', 'materialized view', 'grant')
      ORDER BY (kind = 'schema'), position DESC
    LOOP
      EXECUTE pg_catalog.format('DROP %s IF EXISTS %s', v_item.kind, v_item.identity);
    END LOOP;
    FOR v_item IN SELECT * FROM sluice.created WHERE migration = p_migration AND side = p_side AND kind = 'grant' LOOP
      EXECUTE 'REVOKE ' || v_item.identity;
    END LOOP;

    DELETE FROM sluice.created WHERE migration = p_migration AND side = p_side;
    DELETE FROM sluice.slice WHERE pg_catalog.starts_with(scope, ${OWN_SCOPES});
    DELETE FROM sluice.skipped WHERE pg_catalog.starts_with(scope, ${OWN_SCOPES});
    DELETE FROM sluice.touch WHERE pg_catalog.starts_with(chunk_scope, ${OWN_SCOPES});
    DELETE FROM sluice.lease WHERE pg_catalog.starts_with(scope, ${OWN_SCOPES});
    DELETE FROM sluice.guarded WHERE migration = p_migration AND side = p_side;
    DELETE FROM sluice.guard WHERE migration = p_migration AND side = p_side;
  END $f$;`;

/** Drops the schema when no side of a migration uses it any more; a function cannot drop the schema that it lives in. */
export const DROP_UNUSED = `DO $drop$
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'sluice') THEN
    LOCK TABLE sluice.guard IN ACCESS EXCLUSIVE MODE;
    IF NOT EXISTS (SELECT FROM sluice.guard) THEN DROP SCHEMA sluice CASCADE; END IF;
  END IF;
END $drop$`;
