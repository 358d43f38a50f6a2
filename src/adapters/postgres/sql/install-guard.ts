/** The guard and everything that changes it. */
import { ONE_AT_A_TIME } from './one-at-a-time';

/** How long one attempt to lock tables may take, in milliseconds: below the deadlock_timeout of the application's sessions. */
const ATTEMPT_MS = 900;

/**
 * The guard; its arguments are the migration, the side and the deadline. Always refuses while the deadline, which is part of
 * the trigger's own definition, has not passed.
 */
export const REFUSE = `
  CREATE OR REPLACE FUNCTION sluice.refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $f$
  BEGIN
    IF TG_ARGV[2] <> '' AND pg_catalog.clock_timestamp() >= TG_ARGV[2]::timestamptz THEN
      IF TG_LEVEL = 'STATEMENT' THEN RETURN NULL; END IF;
      IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
      RETURN NEW;
    END IF;
    RAISE EXCEPTION 'writes to %.% are refused: migration % guards it as its %', TG_TABLE_SCHEMA, TG_TABLE_NAME,
      TG_ARGV[0], TG_ARGV[1]
      USING ERRCODE = 'read_only_sql_transaction', HINT = 'Follow the route of the migration, or wait for the cutover.';
  END $f$;`;

/**
 * The only way to change a guard. First the epoch, so that a late or repeated call changes nothing; then the lock on
 * every table, with a short timeout and retries within a total; then the triggers. Waiting for the lock is waiting for
 * the writers in flight; opening what is open waits for nobody. An exempting guard lets the login through that set it. The same call again, with the same epoch, answers what the first one did.
 */
export const SET_GUARD = `
  CREATE OR REPLACE FUNCTION sluice.set_guard(
    p_migration text, p_side text, p_epoch bigint, p_state text, p_from text[], p_seconds double precision,
    p_exempt boolean, p_lock_ms integer, p_total_ms integer
  ) RETURNS timestamptz LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $f$
  DECLARE
    v_guard sluice.guard;
    v_deadline timestamptz;
    v_tables oid[];
    v_give_up timestamptz = pg_catalog.clock_timestamp() + p_total_ms * interval '1 millisecond';
  BEGIN
    SELECT * INTO v_guard FROM sluice.guard WHERE migration = p_migration AND side = p_side FOR UPDATE;
    IF v_guard.epoch = p_epoch AND v_guard.state = p_state THEN RETURN v_guard.deadline; END IF;
    UPDATE sluice.guard SET epoch = p_epoch WHERE migration = p_migration AND side = p_side AND epoch < p_epoch;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'epoch % of the % of migration % is not newer than %', p_epoch, p_side, p_migration, v_guard.epoch
        USING ERRCODE = 'SL001';
    END IF;
    IF v_guard.state <> ALL (p_from) THEN
      RAISE EXCEPTION 'the guard of the % of migration % is %, not %', p_side, p_migration, v_guard.state, p_from
        USING ERRCODE = 'SL002';
    END IF;
    IF v_guard.state = 'open' AND p_state = 'open' THEN RETURN NULL; END IF;

    v_tables = ARRAY(SELECT pg_catalog.format('%I.%I', schema_name, table_name)::regclass
      FROM sluice.guarded WHERE migration = p_migration AND side = p_side ORDER BY schema_name, table_name);
    LOOP
      BEGIN
        PERFORM sluice.lock_trees(v_tables, 'SHARE ROW EXCLUSIVE', p_lock_ms, ${ATTEMPT_MS});
        EXIT;
      EXCEPTION WHEN lock_not_available THEN
        IF pg_catalog.clock_timestamp() > v_give_up THEN RAISE; END IF;
        PERFORM pg_catalog.pg_sleep(0.05 + 0.1 * pg_catalog.random());
      END;
    END LOOP;

    IF p_state = 'sealed' AND v_guard.deadline IS NOT NULL AND pg_catalog.clock_timestamp() >= v_guard.deadline THEN
      RAISE EXCEPTION 'the fence at the % of migration % opened itself at %', p_side, p_migration, v_guard.deadline
        USING ERRCODE = 'SL003';
    END IF;
    IF p_state = 'fenced' THEN
      v_deadline = pg_catalog.clock_timestamp() + p_seconds * interval '1 second';
    END IF;
    PERFORM sluice.set_triggers(p_migration, p_side, p_state, v_deadline,
      CASE WHEN p_exempt THEN session_user::text ELSE '' END);
    UPDATE sluice.guard SET state = p_state, deadline = v_deadline
      WHERE migration = p_migration AND side = p_side;
    RETURN v_deadline;
  END $f$;`;

/** Row triggers, because those clone to partitions and fire for replicated changes; TRUNCATE triggers on every leaf. */
export const TRIGGERS = `
  CREATE OR REPLACE FUNCTION sluice.set_triggers(
    p_migration text, p_side text, p_state text, p_deadline timestamptz, p_exempt text
  ) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $f$
  DECLARE
    v_when text = CASE WHEN p_exempt = '' THEN '' ELSE pg_catalog.format('WHEN (session_user <> %L)', p_exempt) END;
    v_call text;
    v_root record;
    v_leaf record;
  BEGIN
    PERFORM pg_catalog.set_config('TimeZone', 'UTC', true), pg_catalog.set_config('DateStyle', 'ISO, YMD', true);
    v_call = pg_catalog.format('EXECUTE FUNCTION sluice.refuse(%L, %L, %L)', p_migration, p_side, coalesce(p_deadline::text, ''));
    FOR v_root IN
      SELECT pg_catalog.format('%I.%I', schema_name, table_name) AS name FROM sluice.guarded
      WHERE migration = p_migration AND side = p_side
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

/** Tables of a side's guard, and whether they held rows when it went dark. Owner only. */
export const REGISTER = `
  CREATE OR REPLACE FUNCTION sluice.register(p_migration text, p_side text, p_epoch bigint, p_tables text) RETURNS void
  LANGUAGE plpgsql AS $f$
  BEGIN
    ${ONE_AT_A_TIME}
    INSERT INTO sluice.guard (migration, side, epoch, state) VALUES (p_migration, p_side, p_epoch, 'open')
      ON CONFLICT DO NOTHING;
    INSERT INTO sluice.guarded (migration, side, schema_name, table_name)
      SELECT p_migration, p_side, t ->> 'schema', t ->> 'name' FROM pg_catalog.jsonb_array_elements(p_tables::jsonb) AS t
      WHERE NOT EXISTS (SELECT FROM sluice.guarded WHERE migration = p_migration AND side = p_side);
  END $f$;

  CREATE OR REPLACE FUNCTION sluice.note_empty(p_migration text, p_side text) RETURNS SETOF text LANGUAGE plpgsql AS $f$
  DECLARE
    v_table record;
    v_filled boolean;
  BEGIN
    FOR v_table IN
      SELECT * FROM sluice.guarded WHERE migration = p_migration AND side = p_side AND was_empty IS NULL
    LOOP
      EXECUTE pg_catalog.format('SELECT EXISTS (SELECT FROM %I.%I)', v_table.schema_name, v_table.table_name) INTO v_filled;
      UPDATE sluice.guarded SET was_empty = NOT v_filled
        WHERE schema_name = v_table.schema_name AND table_name = v_table.table_name;
    END LOOP;
    RETURN QUERY SELECT '"' || replace(schema_name, '"', '""') || '"."' || replace(table_name, '"', '""') || '"'
      FROM sluice.guarded WHERE migration = p_migration AND side = p_side AND NOT was_empty;
  END $f$;`;

/** Drops a side's guard where there is one, in attempts that hold up readers and writers for no longer than each takes. */
export const DROP_GUARD = `
  CREATE OR REPLACE FUNCTION sluice.drop_guard(p_migration text, p_side text, p_lock_ms integer, p_total_ms integer) RETURNS void
  LANGUAGE plpgsql SET search_path = '' AS $f$
  DECLARE
    v_give_up timestamptz = pg_catalog.clock_timestamp() + p_total_ms * interval '1 millisecond';
    v_tables oid[];
    v_drop text;
  BEGIN
    LOOP
      BEGIN
        v_tables = sluice.lock_trees(
          ARRAY(SELECT DISTINCT t.tgrelid FROM sluice.guarded AS g
                JOIN pg_catalog.pg_namespace AS n ON n.nspname = g.schema_name
                JOIN pg_catalog.pg_class AS c ON c.relname = g.table_name AND c.relnamespace = n.oid
                CROSS JOIN LATERAL (SELECT relid FROM pg_catalog.pg_partition_tree(c.oid) UNION SELECT c.oid) AS tree
                JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = tree.relid AND t.tgparentid = 0
                  AND t.tgname IN ('sluice_guard', 'sluice_guard_truncate')
                WHERE g.migration = p_migration AND g.side = p_side ORDER BY 1),
          'ACCESS EXCLUSIVE', p_lock_ms, ${ATTEMPT_MS});
        EXIT;
      EXCEPTION WHEN lock_not_available OR undefined_table THEN
        IF pg_catalog.clock_timestamp() > v_give_up THEN RAISE; END IF;
      END;
      PERFORM pg_catalog.pg_sleep((1 + pg_catalog.random()) * p_lock_ms / 1000);
    END LOOP;
    FOR v_drop IN
      SELECT pg_catalog.format('DROP TRIGGER %I ON %I.%I', t.tgname, n.nspname, c.relname)
      FROM pg_catalog.pg_trigger AS t JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      WHERE t.tgrelid = ANY (v_tables) AND t.tgparentid = 0 AND t.tgname IN ('sluice_guard', 'sluice_guard_truncate')
    LOOP
      EXECUTE v_drop;
    END LOOP;
  END $f$;`;
