/**
 * Everything that Sluice installs in a database, as one statement, so that one call commits it whole. Safe to repeat.
 * Runs as the owner login; `worker` is the only login that may use what is installed.
 *
 * Errors that the functions raise: SL001 a newer epoch rules, SL002 the guard is in a state that the change does not
 * start from, SL003 the fence has opened itself, SL004 the session's settings are not the pinned ones.
 */
export const installSql = (workerLogin: string): string => `DO $install$
BEGIN
  CREATE SCHEMA IF NOT EXISTS sluice;

  CREATE TABLE IF NOT EXISTS sluice.guard (
    migration text PRIMARY KEY,
    epoch bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'fenced', 'sealed', 'dark', 'revoked')),
    deadline timestamptz
  );

  CREATE TABLE IF NOT EXISTS sluice.guarded (
    migration text NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    was_empty boolean,
    PRIMARY KEY (schema_name, table_name)
  );

  CREATE TABLE IF NOT EXISTS sluice.created (
    migration text NOT NULL,
    position bigint NOT NULL,
    kind text NOT NULL,
    identity text NOT NULL,
    PRIMARY KEY (migration, position)
  );

  CREATE TABLE IF NOT EXISTS sluice.lease (
    scope text PRIMARY KEY,
    token bigint NOT NULL DEFAULT 0,
    seq bigint NOT NULL DEFAULT 0,
    open boolean NOT NULL DEFAULT false,
    life bigint NOT NULL DEFAULT 0,
    lower text[],
    upper text[],
    cursor text[]
  ) WITH (fillfactor = 50);

  CREATE TABLE IF NOT EXISTS sluice.slice (
    scope text NOT NULL,
    attribute integer NOT NULL,
    part integer NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (scope, attribute, part)
  );
${[REFUSE, ASSERT_SESSION(false), ASSERT_SESSION(true), SET_GUARD, TRIGGERS, LEASES, REGISTER, CREATE_TARGET, UNINSTALL, SEQUENCES].join('\n')}

  REVOKE ALL ON ALL FUNCTIONS IN SCHEMA sluice FROM PUBLIC;
  GRANT USAGE ON SCHEMA sluice TO ${workerLogin};
  GRANT SELECT, INSERT, UPDATE, DELETE ON sluice.lease, sluice.slice TO ${workerLogin};
  GRANT SELECT ON sluice.guard TO ${workerLogin};
  GRANT EXECUTE ON FUNCTION sluice.set_guard, sluice.install_lease, sluice.revoke_leases, sluice.sequence_position,
    sluice.advance_sequence, sluice.assert_source_session, sluice.assert_target_session TO ${workerLogin};
END $install$`;

/** The guard. Always refuses while its deadline, which is part of the trigger's own definition, has not passed. */
const REFUSE = `
  CREATE OR REPLACE FUNCTION sluice.refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $f$
  BEGIN
    IF TG_ARGV[1] <> '' AND pg_catalog.clock_timestamp() >= TG_ARGV[1]::timestamptz THEN
      IF TG_LEVEL = 'STATEMENT' THEN RETURN NULL; END IF;
      IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
      RETURN NEW;
    END IF;
    RAISE EXCEPTION 'writes to %.% are refused: migration % guards it', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_ARGV[0]
      USING ERRCODE = 'read_only_sql_transaction', HINT = 'Follow the route of the migration, or wait for the cutover.';
  END $f$;`;

const ASSERT_SESSION = (target: boolean): string => `
  CREATE OR REPLACE FUNCTION sluice.assert_${target ? 'target' : 'source'}_session() RETURNS boolean LANGUAGE plpgsql STABLE AS $f$
  BEGIN
    IF pg_catalog.current_setting('DateStyle') = 'ISO, YMD'
      AND pg_catalog.current_setting('TimeZone') = 'UTC'
      AND pg_catalog.current_setting('IntervalStyle') = 'postgres'
      AND pg_catalog.current_setting('extra_float_digits') = '3'
      AND pg_catalog.current_setting('bytea_output') = 'hex'
      AND pg_catalog.current_setting('lc_monetary') = 'C'
      AND pg_catalog.current_setting('search_path') = '""'
      AND pg_catalog.current_setting('transaction_isolation') = 'read committed'
      AND pg_catalog.current_setting('row_security') = 'off'
      AND pg_catalog.current_setting('xmloption') = 'content'${
        target ? "\n      AND pg_catalog.current_setting('session_replication_role') = 'replica'" : ''
      }
    THEN RETURN true; END IF;
    RAISE EXCEPTION 'the session of % does not have the pinned settings', session_user
      USING ERRCODE = 'SL004', HINT = 'Run docs/guide/roles.sql again.';
  END $f$;`;

/**
 * The only way to change a guard. First the epoch, so that a late or repeated call changes nothing; then the lock on
 * every table, with a short timeout and retries within a total; then the triggers. Waiting for the lock is waiting for
 * the writers in flight. An exempting guard lets the login through that set it. The same call again, with the same epoch, answers what the first one did.
 */
const SET_GUARD = `
  CREATE OR REPLACE FUNCTION sluice.set_guard(
    p_migration text, p_epoch bigint, p_state text, p_from text[], p_seconds double precision, p_exempt boolean,
    p_lock_ms integer, p_total_ms integer
  ) RETURNS timestamptz LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $f$
  DECLARE
    v_guard sluice.guard;
    v_deadline timestamptz;
    v_tables text;
    v_give_up timestamptz = pg_catalog.clock_timestamp() + p_total_ms * interval '1 millisecond';
  BEGIN
    SELECT * INTO v_guard FROM sluice.guard WHERE migration = p_migration FOR UPDATE;
    IF v_guard.epoch = p_epoch AND v_guard.state = p_state THEN RETURN v_guard.deadline; END IF;
    UPDATE sluice.guard SET epoch = p_epoch WHERE migration = p_migration AND epoch < p_epoch;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'epoch % of migration % is not newer than %', p_epoch, p_migration, v_guard.epoch USING ERRCODE = 'SL001';
    END IF;
    IF v_guard.state <> ALL (p_from) THEN
      RAISE EXCEPTION 'the guard of migration % is %, not %', p_migration, v_guard.state, p_from USING ERRCODE = 'SL002';
    END IF;

    SELECT pg_catalog.string_agg(pg_catalog.format('%I.%I', schema_name, table_name), ', ' ORDER BY schema_name, table_name)
      INTO v_tables FROM sluice.guarded WHERE migration = p_migration;
    PERFORM pg_catalog.set_config('lock_timeout', p_lock_ms || 'ms', true);
    LOOP
      BEGIN
        EXECUTE 'LOCK TABLE ' || v_tables || ' IN SHARE ROW EXCLUSIVE MODE';
        EXIT;
      EXCEPTION WHEN lock_not_available THEN
        IF pg_catalog.clock_timestamp() > v_give_up THEN RAISE; END IF;
        PERFORM pg_catalog.pg_sleep(0.05 + 0.1 * pg_catalog.random());
      END;
    END LOOP;

    IF p_state = 'sealed' AND v_guard.deadline IS NOT NULL AND pg_catalog.clock_timestamp() >= v_guard.deadline THEN
      RAISE EXCEPTION 'the fence of migration % opened itself at %', p_migration, v_guard.deadline USING ERRCODE = 'SL003';
    END IF;
    IF p_state = 'fenced' THEN
      v_deadline = pg_catalog.clock_timestamp() + p_seconds * interval '1 second';
    END IF;
    PERFORM sluice.set_triggers(p_migration, p_state, v_deadline, CASE WHEN p_exempt THEN session_user::text ELSE '' END);
    UPDATE sluice.guard SET state = p_state, deadline = v_deadline WHERE migration = p_migration;
    RETURN v_deadline;
  END $f$;`;

/** Row triggers, because those clone to partitions and fire for replicated changes; TRUNCATE triggers on every leaf. */
const TRIGGERS = `
  CREATE OR REPLACE FUNCTION sluice.set_triggers(p_migration text, p_state text, p_deadline timestamptz, p_exempt text)
  RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $f$
  DECLARE
    v_when text = CASE WHEN p_exempt = '' THEN '' ELSE pg_catalog.format('WHEN (session_user <> %L)', p_exempt) END;
    v_call text;
    v_root record;
    v_leaf record;
  BEGIN
    PERFORM pg_catalog.set_config('TimeZone', 'UTC', true), pg_catalog.set_config('DateStyle', 'ISO, YMD', true);
    v_call = pg_catalog.format('EXECUTE FUNCTION sluice.refuse(%L, %L)', p_migration, coalesce(p_deadline::text, ''));
    FOR v_root IN
      SELECT pg_catalog.format('%I.%I', schema_name, table_name) AS name FROM sluice.guarded WHERE migration = p_migration
    LOOP
      IF p_state IN ('fenced', 'sealed', 'dark') THEN
        EXECUTE pg_catalog.format(
          'CREATE OR REPLACE TRIGGER sluice_guard BEFORE INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW %s %s',
          v_root.name, v_when, v_call);
      END IF;
      FOR v_leaf IN
        SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
        FROM (SELECT relid FROM pg_catalog.pg_partition_tree(v_root.name::regclass)
              UNION SELECT v_root.name::regclass) AS tree
        JOIN pg_catalog.pg_class AS c ON c.oid = tree.relid
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      LOOP
        IF p_state IN ('fenced', 'sealed', 'dark') THEN
          EXECUTE pg_catalog.format(
            'CREATE OR REPLACE TRIGGER sluice_guard_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT %s %s',
            v_leaf.name, v_when, v_call);
          EXECUTE pg_catalog.format(
            'ALTER TABLE %s ENABLE ALWAYS TRIGGER sluice_guard, ENABLE ALWAYS TRIGGER sluice_guard_truncate', v_leaf.name);
        ELSIF EXISTS (SELECT FROM pg_catalog.pg_trigger
                      WHERE tgrelid = v_leaf.name::regclass AND tgname = 'sluice_guard_truncate') THEN
          EXECUTE pg_catalog.format(
            'ALTER TABLE %s DISABLE TRIGGER sluice_guard, DISABLE TRIGGER sluice_guard_truncate', v_leaf.name);
        END IF;
      END LOOP;
    END LOOP;
  END $f$;`;

/**
 * A lease is installed only forwards and only while the target is dark: the shared lock on the guard's row makes a
 * revocation wait for installs in flight, and every later install find it. A chunk that was reopened has a new life and
 * starts over. The same call again answers the same.
 */
const LEASES = `
  CREATE OR REPLACE FUNCTION sluice.install_lease(p_migration text, p_scope text, p_token bigint, p_life bigint)
  RETURNS TABLE (installed boolean, lower_key text, upper_key text, cursor_key text) LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = '' AS $f$
  BEGIN
    PERFORM FROM sluice.guard WHERE migration = p_migration AND state = 'dark' FOR SHARE;
    IF NOT FOUND THEN RETURN; END IF;
    RETURN QUERY UPDATE sluice.lease AS l SET token = p_token, seq = 0, open = true, life = p_life,
        cursor = CASE WHEN l.life = p_life THEN l.cursor END
      WHERE l.scope = p_scope AND (l.token < p_token OR (l.token = p_token AND l.seq = 0 AND l.open))
      RETURNING true, l.lower::text, l.upper::text, l.cursor::text;
  END $f$;

  CREATE OR REPLACE FUNCTION sluice.revoke_leases(p_migration text, p_epoch bigint) RETURNS bigint LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = '' AS $f$
  DECLARE
    v_revoked bigint;
  BEGIN
    UPDATE sluice.guard SET epoch = p_epoch, state = CASE state WHEN 'dark' THEN 'revoked' ELSE state END
      WHERE migration = p_migration AND epoch < p_epoch;
    WITH locked AS (
      SELECT scope FROM sluice.lease WHERE pg_catalog.starts_with(scope, p_migration || '/') ORDER BY scope FOR UPDATE
    )
    UPDATE sluice.lease AS l SET token = l.token + 1, open = false FROM locked WHERE l.scope = locked.scope;
    GET DIAGNOSTICS v_revoked = ROW_COUNT;
    DELETE FROM sluice.slice WHERE pg_catalog.starts_with(scope, p_migration || '/');
    RETURN v_revoked;
  END $f$;`;

/**
 * Makes the target's schema from the definition's files and notes what came to be, in one transaction, so that an abort
 * can drop exactly that. Does nothing if it was done before.
 */
const CREATE_TARGET = `
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
                      WHERE d.classid = o.class AND d.objid = o.born AND d.deptype IN ('e', 'i'))
  $f$;

  CREATE OR REPLACE FUNCTION sluice.create_target(p_migration text, p_files text, p_worker text)
  RETURNS integer LANGUAGE plpgsql AS $f$
  DECLARE
    v_file text;
    v_item record;
    v_position bigint = 0;
  BEGIN
    IF EXISTS (SELECT FROM sluice.created WHERE migration = p_migration) THEN RETURN 0; END IF;
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
      INSERT INTO sluice.created VALUES (p_migration, v_position, v_item.kind, v_item.identity);
      IF v_item.kind = 'schema' THEN
        EXECUTE pg_catalog.format('GRANT USAGE ON SCHEMA %s TO %I', v_item.identity, p_worker);
      ELSIF v_item.kind = 'table' THEN
        EXECUTE pg_catalog.format('GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE %s TO %I', v_item.identity, p_worker);
        EXECUTE pg_catalog.format('GRANT USAGE ON SCHEMA %s TO %I', pg_catalog.split_part(v_item.identity, '.', 1), p_worker);
      END IF;
    END LOOP;
    RETURN v_position;
  END $f$;`;

/** Tables of a migration's guard, and whether they held rows when it went dark. Owner only. */
const REGISTER = `
  CREATE OR REPLACE FUNCTION sluice.register(p_migration text, p_epoch bigint, p_tables text) RETURNS void
  LANGUAGE plpgsql AS $f$
  BEGIN
    INSERT INTO sluice.guard (migration, epoch, state) VALUES (p_migration, p_epoch, 'open') ON CONFLICT DO NOTHING;
    INSERT INTO sluice.guarded (migration, schema_name, table_name)
      SELECT p_migration, t ->> 'schema', t ->> 'name' FROM pg_catalog.jsonb_array_elements(p_tables::jsonb) AS t
      WHERE NOT EXISTS (SELECT FROM sluice.guarded WHERE migration = p_migration);
  END $f$;

  CREATE OR REPLACE FUNCTION sluice.note_empty(p_migration text) RETURNS SETOF text LANGUAGE plpgsql AS $f$
  DECLARE
    v_table record;
    v_filled boolean;
  BEGIN
    FOR v_table IN SELECT * FROM sluice.guarded WHERE migration = p_migration AND was_empty IS NULL LOOP
      EXECUTE pg_catalog.format('SELECT EXISTS (SELECT FROM %I.%I)', v_table.schema_name, v_table.table_name) INTO v_filled;
      UPDATE sluice.guarded SET was_empty = NOT v_filled
        WHERE schema_name = v_table.schema_name AND table_name = v_table.table_name;
    END LOOP;
    RETURN QUERY SELECT '"' || replace(schema_name, '"', '""') || '"."' || replace(table_name, '"', '""') || '"'
      FROM sluice.guarded WHERE migration = p_migration AND NOT was_empty;
  END $f$;`;

/**
 * Brings the tables back to what they were: triggers off, tables that were empty emptied, created objects dropped
 * (tables in one statement, since they may refer to each other; the rest newest first). Owner only.
 */
const UNINSTALL = `
  CREATE OR REPLACE FUNCTION sluice.uninstall(p_migration text) RETURNS void LANGUAGE plpgsql AS $f$
  DECLARE
    v_item record;
    v_tables text;
  BEGIN
    PERFORM pg_catalog.set_config('lock_timeout', '2s', true);
    FOR v_item IN
      SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name, t.tgname
      FROM sluice.guarded AS g
      JOIN pg_catalog.pg_namespace AS gn ON gn.nspname = g.schema_name
      JOIN pg_catalog.pg_class AS gc ON gc.relname = g.table_name AND gc.relnamespace = gn.oid
      CROSS JOIN LATERAL (SELECT relid FROM pg_catalog.pg_partition_tree(gc.oid) UNION SELECT gc.oid) AS tree
      JOIN pg_catalog.pg_class AS c ON c.oid = tree.relid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = c.oid AND t.tgparentid = 0
        AND t.tgname IN ('sluice_guard', 'sluice_guard_truncate')
      WHERE g.migration = p_migration
    LOOP
      EXECUTE pg_catalog.format('DROP TRIGGER %I ON %s', v_item.tgname, v_item.name);
    END LOOP;

    SELECT pg_catalog.string_agg(pg_catalog.format('%I.%I', g.schema_name, g.table_name), ', ') INTO v_tables
    FROM sluice.guarded AS g WHERE g.migration = p_migration AND g.was_empty
      AND EXISTS (SELECT FROM sluice.lease WHERE pg_catalog.starts_with(scope, p_migration || '/'));
    IF v_tables IS NOT NULL THEN EXECUTE 'TRUNCATE ' || v_tables; END IF;

    FOR v_item IN SELECT * FROM sluice.created
      WHERE migration = p_migration AND kind IN ('view', 'materialized view') ORDER BY position DESC
    LOOP
      EXECUTE pg_catalog.format('DROP %s IF EXISTS %s', v_item.kind, v_item.identity);
    END LOOP;
    SELECT pg_catalog.string_agg(identity, ', ' ORDER BY position) INTO v_tables FROM sluice.created
    WHERE migration = p_migration AND kind = 'table' AND pg_catalog.to_regclass(identity) IS NOT NULL;
    IF v_tables IS NOT NULL THEN EXECUTE 'DROP TABLE ' || v_tables; END IF;
    FOR v_item IN SELECT * FROM sluice.created
      WHERE migration = p_migration AND kind NOT IN ('table', 'view', 'materialized view')
      ORDER BY (kind = 'schema'), position DESC
    LOOP
      EXECUTE pg_catalog.format('DROP %s IF EXISTS %s', v_item.kind, v_item.identity);
    END LOOP;

    DELETE FROM sluice.created WHERE migration = p_migration;
    DELETE FROM sluice.slice WHERE pg_catalog.starts_with(scope, p_migration || '/');
    DELETE FROM sluice.lease WHERE pg_catalog.starts_with(scope, p_migration || '/');
    DELETE FROM sluice.guarded WHERE migration = p_migration;
    DELETE FROM sluice.guard WHERE migration = p_migration;
  END $f$;`;

/** Drops the schema when no migration uses it any more; a function cannot drop the schema that it lives in. */
export const DROP_UNUSED = `DO $drop$
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'sluice') THEN
    LOCK TABLE sluice.guard IN ACCESS EXCLUSIVE MODE;
    IF NOT EXISTS (SELECT FROM sluice.guard) THEN DROP SCHEMA sluice CASCADE; END IF;
  END IF;
END $drop$`;

/** Where a sequence stands, read and set as its owner; set only ever forwards, in the sequence's own direction. */
const SEQUENCES = `
  CREATE OR REPLACE FUNCTION sluice.sequence_position(p_sequence text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = '' AS $f$
  DECLARE
    v_value bigint;
  BEGIN
    EXECUTE pg_catalog.format('SELECT last_value FROM %s', p_sequence::regclass) INTO v_value;
    RETURN v_value;
  END $f$;

  CREATE OR REPLACE FUNCTION sluice.advance_sequence(p_sequence text, p_position bigint, p_gap bigint) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $f$
  DECLARE
    v_own bigint = sluice.sequence_position(p_sequence);
    v_shape pg_catalog.pg_sequence;
    v_next bigint;
  BEGIN
    SELECT * INTO v_shape FROM pg_catalog.pg_sequence WHERE seqrelid = p_sequence::regclass;
    IF v_shape.seqincrement > 0 THEN
      v_next = least(greatest(v_own, p_position) + p_gap * v_shape.seqincrement, v_shape.seqmax);
    ELSE
      v_next = greatest(least(v_own, p_position) + p_gap * v_shape.seqincrement, v_shape.seqmin);
    END IF;
    RETURN pg_catalog.setval(p_sequence::regclass, v_next, true);
  END $f$;`;
