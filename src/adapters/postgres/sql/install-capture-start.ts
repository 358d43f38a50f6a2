/** Capture begins: a trigger function from static SQL, and triggers on every table of a partition tree. */
import { quoteLiteral, SET_TEXT_SETTINGS } from './text-settings';

/** Built-in types whose text is the same under all settings; enums are, too. */
const PLAIN_TYPES =
  'bool, int2, int4, int8, numeric, oid, uuid, text, varchar, bpchar, name, inet, cidr, macaddr, macaddr8, bit, varbit';

/** Locks a table and its partitions against writers, all within the time of one attempt. */
const LOCK_TREE = `
  CREATE OR REPLACE FUNCTION sluice.lock_tree(p_schema text, p_name text, p_lock_ms integer) RETURNS oid[]
  LANGUAGE plpgsql SET search_path = '' AS $f$
  DECLARE
    v_name text = pg_catalog.format('%I.%I', p_schema, p_name);
    v_tree oid[] = sluice.lock_trees(ARRAY[v_name::regclass::oid], 'SHARE ROW EXCLUSIVE', p_lock_ms, p_lock_ms);
  BEGIN
    IF v_name::regclass::oid <> v_tree[1] THEN
      RAISE EXCEPTION '% was replaced meanwhile', v_name USING ERRCODE = 'lock_not_available';
    END IF;
    RETURN v_tree;
  END $f$;`;

/**
 * SQL of a key: its columns, its texts and its partition over a row of a given name; its partition over a text array
 * \`e.k\`; whether its text depends on settings. Partitions are dealt by the type's own hash of the columns that identify the
 * row, since values that are equal may differ as text; the few types without a hash have one text for equal values.
 */
const KEY_SQL = `
  CREATE OR REPLACE FUNCTION sluice.is_hashable(p_type text) RETURNS boolean LANGUAGE plpgsql SET search_path = '' AS $f$
  BEGIN
    EXECUTE pg_catalog.format('SELECT pg_catalog.hash_record(ROW(NULL::%s))', p_type);
    RETURN true;
  EXCEPTION WHEN undefined_function THEN RETURN false;
  END $f$;

  CREATE OR REPLACE FUNCTION sluice.key_sql(
    p_capture sluice.capture, p_key text[], p_row text,
    OUT columns text, OUT texts text, OUT row_slot text, OUT key_slot text, OUT depends boolean
  ) LANGUAGE plpgsql SET search_path = '' AS $f$
  DECLARE
    v_slot text = '(pg_catalog.hash_record(ROW(%s)) & 2147483647) %% ' || p_capture.partitions;
  BEGIN
    WITH RECURSIVE base AS (
      SELECT k.name, a.atttypid AS type FROM pg_catalog.unnest(p_key) AS k(name)
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = p_capture.relation AND a.attname = k.name
      UNION ALL
      SELECT b.name, t.typbasetype FROM base AS b JOIN pg_catalog.pg_type AS t ON t.oid = b.type AND t.typtype = 'd'
    ), key AS (
      SELECT k.name, k.position, k.name = ANY (p_capture.identity) AS identifies, d.type,
        CASE WHEN sluice.is_hashable(d.type) THEN '' ELSE '::pg_catalog.text' END AS hashed,
        NOT EXISTS (SELECT FROM base AS b JOIN pg_catalog.pg_type AS t ON t.oid = b.type WHERE b.name = k.name
                    AND (t.typtype = 'e' OR t.oid = ANY ('{${PLAIN_TYPES}}'::regtype[]))) AS depends
      FROM pg_catalog.unnest(p_key) WITH ORDINALITY AS k(name, position)
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = p_capture.relation AND a.attname = k.name
      CROSS JOIN LATERAL (SELECT pg_catalog.format_type(a.atttypid, -1) AS type) AS d
    )
    SELECT
      pg_catalog.string_agg(pg_catalog.format('%s.%I', p_row, k.name), ', ' ORDER BY k.position),
      pg_catalog.string_agg(pg_catalog.format('%s.%I::pg_catalog.text', p_row, k.name), ', ' ORDER BY k.position),
      pg_catalog.format(v_slot, pg_catalog.string_agg(
        pg_catalog.format('%s.%I%s', p_row, k.name, k.hashed), ', ' ORDER BY k.position) FILTER (WHERE k.identifies)),
      pg_catalog.format(v_slot, pg_catalog.string_agg(
        pg_catalog.format('e.k[%s]::%s%s', k.position, k.type, k.hashed), ', ' ORDER BY k.position) FILTER (WHERE k.identifies)),
      pg_catalog.bool_or(k.depends)
    INTO columns, texts, row_slot, key_slot, depends FROM key AS k;
    IF p_capture.partitions = 1 THEN
      row_slot = '0';
      key_slot = '0';
    END IF;
  END $f$;`;

/**
 * SQL of whether the log is over a capture's cap. To ask for its size costs more than to write an entry: one call in 32
 * does, by the clock, and the first that finds it too large tells the others, through a sequence: it costs next to nothing
 * to read, is set at once and for good, and holds up nobody.
 */
const IS_OVER = `
  CREATE OR REPLACE FUNCTION sluice.is_over(p_capture sluice.capture) RETURNS text LANGUAGE sql IMMUTABLE
  SET search_path = '' AS $f$
    SELECT pg_catalog.format('pg_catalog.pg_sequence_last_value(%1$L::pg_catalog.regclass) IS NOT NULL OR CASE
      WHEN pg_catalog.date_part(''microseconds'', pg_catalog.clock_timestamp())::pg_catalog.int4 & 31 <> 0 THEN false
      WHEN pg_catalog.pg_relation_size(''sluice.change_log''::pg_catalog.regclass)
        + pg_catalog.pg_relation_size(''sluice.change_log_pkey''::pg_catalog.regclass) <= %2$s THEN false
      ELSE pg_catalog.nextval(%1$L::pg_catalog.regclass) > 0 END',
      pg_catalog.format('sluice.%I', pg_catalog.concat_ws('_', 'capture', p_capture.id, 'over')), p_capture.log_bytes_max)
  $f$;`;

/**
 * The trigger function of one capture, from static SQL: its plans are kept by every session. A transaction that changes
 * rows without logging their keys always notes that it did, unless it sees that another one has.
 * The owner of a partitioned table may execute it, though not name it: else no partition could be made any more, since it
 * clones the triggers.
 */
const CREATE_CAPTURE_FUNCTION = `
  CREATE OR REPLACE FUNCTION sluice.create_capture_function(p_capture sluice.capture, p_key text[]) RETURNS void
  LANGUAGE plpgsql SET search_path = '' AS $f$
  DECLARE
    v_old record = sluice.key_sql(p_capture, p_key, CASE WHEN p_capture.by_row THEN 'OLD' ELSE 'r' END);
    v_new record = sluice.key_sql(p_capture, p_key, CASE WHEN p_capture.by_row THEN 'NEW' ELSE 'r' END);
    v_entry text = 'INSERT INTO sluice.change_log (capture, partition, key) SELECT %s, %s, ARRAY[%s]';
    v_of_old text = pg_catalog.format(v_entry, p_capture.id, v_old.row_slot, v_old.texts);
    v_of_new text = pg_catalog.format(v_entry, p_capture.id, v_new.row_slot, v_new.texts);
    v_of_both text;
    v_lost text = pg_catalog.format('INSERT INTO sluice.capture_loss (capture, why) SELECT %s, ', p_capture.id);
    v_name text = 'capture_' || p_capture.id;
  BEGIN
    IF p_capture.by_row THEN
      v_of_both = pg_catalog.format('IF ROW(%s) IS DISTINCT FROM ROW(%s) THEN %s; END IF; %s',
        v_old.columns, v_new.columns, v_of_old, v_of_new);
    ELSE
      v_of_both = pg_catalog.format('%1$s FROM (SELECT %2$s FROM old_rows AS r UNION SELECT %2$s FROM new_rows AS r) AS r',
        v_of_old, v_old.columns);
      v_of_old = v_of_old || ' FROM old_rows AS r';
      v_of_new = v_of_new || ' FROM new_rows AS r';
    END IF;
    EXECUTE pg_catalog.format('CREATE SEQUENCE sluice.%I', v_name || '_over');
    EXECUTE pg_catalog.format('CREATE FUNCTION sluice.%I() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
      SET search_path = '''' %s AS %L', v_name, CASE WHEN v_old.depends THEN ${quoteLiteral(SET_TEXT_SETTINGS)} ELSE '' END,
      pg_catalog.concat(
        'BEGIN IF (', sluice.is_over(p_capture), ') THEN ', v_lost,
          pg_catalog.format('%L WHERE NOT EXISTS (SELECT FROM sluice.capture_loss WHERE capture = %s);',
            sluice.over_cap(p_capture.log_bytes_max), p_capture.id),
        ' ELSIF TG_OP = ''UPDATE'' THEN ', v_of_both, '; ELSIF TG_OP = ''INSERT'' THEN ', v_of_new,
        '; ELSIF TG_OP = ''DELETE'' THEN ', v_of_old, '; ELSE ', v_lost,
          'pg_catalog.format(''TRUNCATE emptied %I.%I without naming its rows'', TG_TABLE_SCHEMA, TG_TABLE_NAME);',
        ' END IF; RETURN NULL; END'));
    EXECUTE pg_catalog.format('REVOKE ALL ON FUNCTION sluice.%I() FROM PUBLIC', v_name);
    IF p_capture.by_row THEN
      EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION sluice.%I() TO %s', v_name,
        (SELECT relowner::regrole FROM pg_catalog.pg_class WHERE oid = p_capture.relation));
    END IF;
  END $f$;`;

/**
 * The triggers: of an ordinary table, once for each statement; of a partitioned one, for each row, on every partition, since
 * a MERGE that moves rows to another partition shows them to no statement trigger. TRUNCATE names no rows, and fires
 * triggers of just the tables that it names or empties.
 */
const CREATE_CAPTURE_TRIGGERS = `
  CREATE OR REPLACE FUNCTION sluice.create_capture_triggers(p_capture sluice.capture, p_tree oid[]) RETURNS void
  LANGUAGE plpgsql SET search_path = '' AS $f$
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
  END $f$;`;

/**
 * Captures a table from now on: one call, which takes its locks in short attempts. Pauses are as long as attempts: writers
 * that queued behind one get through before the next. Repeated, it does nothing more. The shared lock on the guard's row
 * makes an uninstall wait, which then finds the capture; a call that comes after it finds no guard.
 */
const START_CAPTURE = `
  CREATE OR REPLACE FUNCTION sluice.start_capture(
    p_migration text, p_side text, p_generation bigint, p_table text, p_schema text, p_name text, p_key text,
    p_identity text, p_partitions integer, p_log_bytes_max bigint, p_lock_ms integer, p_total_ms integer
  ) RETURNS void LANGUAGE plpgsql SET search_path = '' AS $f$
  DECLARE
    v_give_up timestamptz = pg_catalog.clock_timestamp() + p_total_ms * interval '1 millisecond';
    v_key text[] = ARRAY(SELECT pg_catalog.jsonb_array_elements_text(p_key::jsonb));
    v_tree oid[];
    v_capture sluice.capture;
  BEGIN
    PERFORM FROM sluice.capture
      WHERE migration = p_migration AND side = p_side AND generation = p_generation AND table_name = p_table;
    IF FOUND THEN RETURN; END IF;
    LOOP
      BEGIN
        v_tree = sluice.lock_tree(p_schema, p_name, p_lock_ms);
        EXIT;
      EXCEPTION WHEN lock_not_available THEN
        IF pg_catalog.clock_timestamp() > v_give_up THEN RAISE; END IF;
      END;
      PERFORM pg_catalog.pg_sleep((1 + pg_catalog.random()) * p_lock_ms / 1000);
    END LOOP;
    PERFORM FROM sluice.guard WHERE migration = p_migration AND side = p_side FOR SHARE;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'the % of migration % is not here any more; nothing is captured', p_side, p_migration USING ERRCODE = 'SL002';
    END IF;
    PERFORM FROM sluice.capture WHERE migration = p_migration AND side = p_side AND generation > p_generation;
    IF FOUND THEN
      RAISE EXCEPTION 'generation % of the % of migration % is over', p_generation, p_side, p_migration USING ERRCODE = 'SL002';
    END IF;
    PERFORM FROM sluice.capture
      WHERE migration = p_migration AND side = p_side AND generation = p_generation AND table_name = p_table;
    IF FOUND THEN RETURN; END IF;

    v_capture.id = pg_catalog.hashtextextended(pg_catalog.gen_random_uuid()::text, 0) & 9223372036854775807;
    v_capture.migration = p_migration;
    v_capture.side = p_side;
    v_capture.generation = p_generation;
    v_capture.table_name = p_table;
    v_capture.relation = v_tree[1];
    v_capture.source_schema = p_schema;
    v_capture.source_name = p_name;
    v_capture.by_row = EXISTS (SELECT FROM pg_catalog.pg_class WHERE oid = v_capture.relation AND relkind = 'p');
    v_capture.identity = ARRAY(SELECT pg_catalog.jsonb_array_elements_text(p_identity::jsonb));
    v_capture.partitions = p_partitions;
    v_capture.slot = (sluice.key_sql(v_capture, v_key, 'r')).key_slot;
    v_capture.log_bytes_max = p_log_bytes_max;
    v_capture.stopped = false;
    v_capture.since = pg_catalog.clock_timestamp();
    PERFORM sluice.create_capture_function(v_capture, v_key);
    PERFORM sluice.create_capture_triggers(v_capture, v_tree);
    INSERT INTO sluice.capture SELECT v_capture.*;
    UPDATE sluice.capture SET fingerprint = sluice.capture_facts(id) || sluice.wanted_facts() WHERE id = v_capture.id;
  END $f$;`;

export const START = [
  LOCK_TREE,
  KEY_SQL,
  IS_OVER,
  CREATE_CAPTURE_FUNCTION,
  CREATE_CAPTURE_TRIGGERS,
  START_CAPTURE,
].join('\n');
