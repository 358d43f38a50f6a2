/** What appliers keep in the target, and the function that applies rows one by one. */

/**
 * `touch`: how often an applier wrote to a chunk, in rows of its own. `skipped`: keys that a copier left to the appliers.
 * The C collation lets the index find a prefix.
 */
const TABLES = `
  CREATE TABLE IF NOT EXISTS sluice.touch (
    chunk_scope text COLLATE "C" NOT NULL,
    applier_scope text NOT NULL,
    times bigint NOT NULL,
    PRIMARY KEY (chunk_scope, applier_scope)
  ) WITH (fillfactor = 50);

  CREATE TABLE IF NOT EXISTS sluice.skipped (
    scope text NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    key text NOT NULL,
    PRIMARY KEY (scope, id)
  );`;

/** A key that is in no chunk: leases are missing, and nothing may be decided. */
const NO_CHUNK = `
  CREATE OR REPLACE FUNCTION sluice.no_chunk() RETURNS text LANGUAGE plpgsql VOLATILE AS $f$
  BEGIN
    RAISE EXCEPTION 'a key is in no chunk' USING ERRCODE = 'SL005', HINT = 'The leases of the plan are missing.';
  END $f$;`;

/**
 * Applies changes one by one, each in a subtransaction, again and again while more than one in p_share of them gets
 * through: a short chain of unique values that are handed on resolves itself, each round in the other direction; in a long
 * one, whose rows come in any order, too few do to wait for it. Returns those that are refused, as JSON: [position, SQLSTATE, constraint].
 * SQLSTATEs that do not speak of the row go through: the whole statement is undone. $1 of the statements is the key, $2
 * the texts of the row.
 */
const APPLY_ROUNDS = `
  CREATE OR REPLACE FUNCTION sluice.apply_rounds(p_upsert text, p_delete text, p_changes jsonb, p_positions integer[],
    p_share integer)
  RETURNS jsonb LANGUAGE plpgsql AS $f$
  DECLARE
    v_waiting integer[] = p_positions;
    v_refused jsonb;
    v_again integer[];
    v_position integer;
    v_change jsonb;
    v_state text;
    v_name text;
  BEGIN
    LOOP
      v_refused = '[]';
      v_again = '{}';
      FOREACH v_position IN ARRAY v_waiting LOOP
        v_change = p_changes -> v_position;
        BEGIN
          IF pg_catalog.jsonb_typeof(v_change -> 2) = 'null' THEN
            EXECUTE p_delete USING (v_change ->> 1)::text[];
          ELSE
            EXECUTE p_upsert USING (v_change ->> 1)::text[], v_change -> 2;
          END IF;
        EXCEPTION WHEN OTHERS THEN
          GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE, v_name = CONSTRAINT_NAME;
          IF v_state !~ '^(21|22|23|54|P0|0A|38|39|XX)' THEN RAISE; END IF;
          v_again = v_position || v_again;
          v_refused = v_refused || pg_catalog.jsonb_build_array(
            pg_catalog.jsonb_build_array(v_position, v_state, nullif(v_name, '')));
        END;
      END LOOP;
      IF v_again = '{}' OR pg_catalog.cardinality(v_waiting) - pg_catalog.cardinality(v_again)
          <= pg_catalog.cardinality(v_waiting) / p_share THEN
        RETURN v_refused;
      END IF;
      v_waiting = v_again;
    END LOOP;
  END $f$;`;

/**
 * SQL of a value for a column, aliased t, that no row has: random within what the type and its modifier hold. Odd attempts
 * stay close to the value that is there, or below zero, or far in the future. NULL for types that have no such value.
 */
const PARKING_VALUE = `
  CREATE OR REPLACE FUNCTION sluice.parking_value(p_column text, p_type oid, p_modifier integer, p_attempt integer)
  RETURNS text LANGUAGE plpgsql AS $f$
  DECLARE
    v_type pg_catalog.pg_type;
    v_modifier integer = p_modifier;
    v_length integer;
    v_sign text = CASE p_attempt % 2 WHEN 1 THEN '-' ELSE '' END;
    v_days text = CASE p_attempt % 2 WHEN 1 THEN 'date ''5000-01-01''' ELSE 'date ''0001-01-01''' END;
    v_hex text = 'replace(pg_catalog.gen_random_uuid()::text, ''-'', '''')';
  BEGIN
    SELECT * INTO v_type FROM pg_catalog.pg_type WHERE oid = p_type;
    WHILE v_type.typtype = 'd' LOOP
      v_modifier = CASE WHEN v_modifier < 0 THEN v_type.typtypmod ELSE v_modifier END;
      SELECT * INTO v_type FROM pg_catalog.pg_type WHERE oid = v_type.typbasetype;
    END LOOP;
    v_length = CASE WHEN v_modifier > 4 THEN v_modifier - 4 ELSE 200 END;
    RETURN CASE
      WHEN v_type.typname = 'int2' THEN v_sign || '(1 + random() * 32766)::int2'
      WHEN v_type.typname = 'int4' THEN v_sign || '(1073741824 + random() * 1073741823)::int4'
      WHEN v_type.typname = 'int8' THEN v_sign || '(4611686018427387904 + random() * 4611686018427387000)::int8'
      WHEN v_type.typname = 'numeric' THEN v_sign || pg_catalog.format('(random()::numeric * power(10::numeric, %s))',
        CASE WHEN v_modifier < 0 THEN 30
          ELSE ((v_modifier - 4) >> 16 & 65535) - (((v_modifier - 4 & 2047) # 1024) - 1024) END)
      WHEN v_type.typname IN ('float4', 'float8') THEN v_sign || '(random() * 1e30)'
      WHEN v_type.typname IN ('text', 'varchar', 'bpchar', 'citext') THEN
        CASE WHEN v_length > 12 AND p_attempt % 2 = 1
          THEN pg_catalog.format('left(coalesce(t.%I, ''''), %s) || left(%s, 12)', p_column, least(v_length, 200) - 12, v_hex)
          ELSE pg_catalog.format('left(%s, %s)', v_hex, v_length) END
      WHEN v_type.typname = 'uuid' THEN 'pg_catalog.gen_random_uuid()'
      WHEN v_type.typname = 'date' THEN v_days || ' + (random() * 300000)::int4'
      WHEN v_type.typname IN ('timestamp', 'timestamptz') THEN
        v_days || ' + pg_catalog.make_interval(secs => random() * 300000 * 86400)'
      WHEN v_type.typname = 'bytea' THEN pg_catalog.format('pg_catalog.decode(%s, ''hex'')', v_hex)
      WHEN v_type.typname = 'inet' THEN '''fd00::''::inet + (random() * 4611686018427387904)::int8'
    END;
  END $f$;`;

/**
 * The SET clause that takes a row out of the way of every unique index beside its identity, or NULL: one column of each
 * index, NULL where it may be and where NULLs are distinct. Only columns that the row's own values overwrite.
 */
const PARKING = `
  CREATE OR REPLACE FUNCTION sluice.parking(p_table text, p_identity jsonb, p_settable jsonb, p_attempt integer)
  RETURNS text LANGUAGE sql STABLE AS $f$
    SELECT pg_catalog.string_agg(DISTINCT pg_catalog.format('%I = %s', chosen.attname, chosen.value), ', ')
    FROM pg_catalog.pg_index AS i
    CROSS JOIN LATERAL (
      SELECT a.attname, v.value
      FROM pg_catalog.pg_attribute AS a
      CROSS JOIN LATERAL (SELECT a.attnum = ANY ((i.indkey::int2[])[0 : i.indnkeyatts - 1]) AS plain) AS p
      CROSS JOIN LATERAL (SELECT CASE
          WHEN p_attempt = 1 AND NOT a.attnotnull
            AND NOT coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) THEN 'NULL'
          ELSE sluice.parking_value(a.attname, a.atttypid, a.atttypmod, p_attempt) END AS value) AS v
      WHERE a.attrelid = i.indrelid AND a.attnum > 0 AND p_settable ? a.attname AND v.value IS NOT NULL
        AND (p.plain OR EXISTS (
          SELECT FROM pg_catalog.pg_depend AS d
          WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indexrelid
            AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = i.indrelid AND d.refobjsubid = a.attnum))
      ORDER BY p.plain DESC, a.attnotnull, a.attnum LIMIT 1
    ) AS chosen
    WHERE i.indrelid = p_table::regclass AND i.indisunique
      AND NOT p_identity <@ (
        SELECT coalesce(pg_catalog.jsonb_agg(a.attname), '[]') FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = i.indrelid AND a.attnum = ANY ((i.indkey::int2[])[0 : i.indnkeyatts - 1]))
  $f$;`;

/**
 * Takes a row out of the way, if it is there, by values that no row has. False: the table has no such values for it.
 */
const PARK_ROW = `
  CREATE OR REPLACE FUNCTION sluice.park_row(p_table text, p_identity jsonb, p_settable jsonb, p_park text, p_key text[])
  RETURNS boolean LANGUAGE plpgsql AS $f$
  DECLARE
    v_parking text;
    v_state text;
  BEGIN
    FOR v_attempt IN 1..8 LOOP
      v_parking = sluice.parking(p_table, p_identity, p_settable, v_attempt);
      IF v_parking IS NULL THEN RETURN false; END IF;
      BEGIN
        EXECUTE pg_catalog.format(p_park, v_parking) USING p_key;
        RETURN true;
      EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE;
        IF v_state !~ '^(21|22|23|54|P0|0A|38|39|XX)' THEN RAISE; END IF;
      END;
    END LOOP;
    RETURN false;
  END $f$;`;

/** Of `apply_rounds`: rows that would take many more rounds are parked; what is parked is written as long as any gets through. */
const SHARE = 8;
const ANY = 2_147_483_647;

/**
 * Applies changes row by row and returns those that are refused. Rows that conflict, in circles of unique values or in long
 * chains, are parked, all of them, and then written; if one is refused even so, the parking is undone and tried without
 * it, and so on for some seconds: the statement must end before its timeout. Never is a row deleted that the source has,
 * and never a row touched whose key is not among the changes. Runs with the rights of its caller. `p_changes`: [n, key, texts or null].
 */
const APPLY_EACH = `
  CREATE OR REPLACE FUNCTION sluice.apply_each(p_table text, p_identity jsonb, p_settable jsonb, p_upsert text,
    p_delete text, p_park text, p_changes jsonb)
  RETURNS TABLE (n bigint, state text, name text) LANGUAGE plpgsql AS $f$
  DECLARE
    v_refused jsonb;
    v_circle integer[];
    v_position integer;
    v_inside jsonb;
    v_until timestamptz;
  BEGIN
    v_refused = sluice.apply_rounds(p_upsert, p_delete, p_changes,
      ARRAY(SELECT pg_catalog.generate_series(0, pg_catalog.jsonb_array_length(p_changes) - 1)), ${SHARE});
    v_until = pg_catalog.clock_timestamp() + interval '10 seconds';
    v_circle = ARRAY(SELECT (r ->> 0)::integer FROM pg_catalog.jsonb_array_elements(v_refused) AS r WHERE r ->> 1 = '23505');
    WHILE v_circle <> '{}' LOOP
      BEGIN
        FOREACH v_position IN ARRAY v_circle LOOP
          PERFORM sluice.park_row(p_table, p_identity, p_settable, p_park, (p_changes -> v_position ->> 1)::text[]);
        END LOOP;
        v_inside = sluice.apply_rounds(p_upsert, p_delete, p_changes, v_circle, ${ANY});
        IF v_inside <> '[]' THEN RAISE EXCEPTION USING ERRCODE = 'SL006'; END IF;
        v_refused = sluice.apply_rounds(p_upsert, p_delete, p_changes,
          ARRAY(SELECT (r ->> 0)::integer FROM pg_catalog.jsonb_array_elements(v_refused) AS r
                WHERE (r ->> 0)::integer <> ALL (v_circle)), ${ANY});
        v_circle = '{}';
      EXCEPTION WHEN SQLSTATE 'SL006' THEN
        v_circle = ARRAY(SELECT c FROM pg_catalog.unnest(v_circle) AS c
                         WHERE pg_catalog.clock_timestamp() < v_until
                           AND NOT EXISTS (SELECT FROM pg_catalog.jsonb_array_elements(v_inside) AS r WHERE (r ->> 0)::integer = c));
      END;
    END LOOP;
    RETURN QUERY SELECT (p_changes -> (r ->> 0)::integer ->> 0)::bigint, r ->> 1, r ->> 2
      FROM pg_catalog.jsonb_array_elements(v_refused) AS r;
  END $f$;`;

export const APPLY = [TABLES, NO_CHUNK, APPLY_ROUNDS, PARKING_VALUE, PARKING, PARK_ROW, APPLY_EACH].join(
  '\n',
);
