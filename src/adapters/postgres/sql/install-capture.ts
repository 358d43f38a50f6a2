/** Capture: statement triggers note the keys of changed rows in the change log. What they need, and how keys are added by hand. */
import { CHECKS } from './install-capture-check';
import { START } from './install-capture-start';
import { STOP } from './install-capture-stop';
import { SIDE_COLUMN } from './side-column';
import { SET_TEXT_SETTINGS } from './text-settings';

/**
 * `capture`: one captured table of one side in one generation; its id is random, so that nothing that names an earlier capture ever
 * means a later one. `slot`: SQL of the partition of a key, a text array \`e.k\`. `capture_loss`: why changes may be missing;
 * rows are only added, so that writers neither wait for each other nor depend on a transaction that is rolled back. All
 * have a primary key: else a publication of all tables would refuse to have rows deleted.
 * `change_log`: a queue. It is vacuumed early, and never truncated by vacuum, which would lock writers out.
 */
const TABLES = `
  CREATE TABLE IF NOT EXISTS sluice.capture (
    id bigint PRIMARY KEY,
    migration text NOT NULL,
    ${SIDE_COLUMN},
    generation bigint NOT NULL,
    table_name text NOT NULL,
    relation oid NOT NULL,
    by_row boolean NOT NULL,
    source_schema text NOT NULL,
    source_name text NOT NULL,
    identity text[] NOT NULL,
    partitions integer NOT NULL CHECK (partitions > 0),
    slot text NOT NULL,
    log_bytes_max bigint NOT NULL,
    fingerprint jsonb,
    stopped boolean NOT NULL DEFAULT false,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (migration, side, generation, table_name)
  );

  CREATE TABLE IF NOT EXISTS sluice.capture_loss (
    id bigint GENERATED ALWAYS AS IDENTITY,
    capture bigint NOT NULL,
    why text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (capture, id)
  );

  CREATE TABLE IF NOT EXISTS sluice.change_log (
    id bigint GENERATED ALWAYS AS IDENTITY,
    capture bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    partition smallint NOT NULL,
    key text[] NOT NULL,
    PRIMARY KEY (capture, partition, id)
  ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_cost_delay = 0,
    vacuum_truncate = false);`;

/** Locks one table, waiting no longer than until an instant; a table that is gone needs no lock. */
const LOCK_TABLE = `
  CREATE OR REPLACE FUNCTION sluice.lock_table(p_table oid, p_mode text, p_until timestamptz) RETURNS void
  LANGUAGE plpgsql SET search_path = '' AS $f$
  DECLARE
    v_name text;
    v_ms integer = greatest(1, extract(epoch FROM p_until - pg_catalog.clock_timestamp()) * 1000);
  BEGIN
    SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) INTO v_name
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = p_table;
    IF NOT FOUND THEN RETURN; END IF;
    PERFORM pg_catalog.set_config('lock_timeout', v_ms || 'ms', true);
    EXECUTE pg_catalog.format('LOCK TABLE ONLY %s IN %s MODE', v_name, p_mode);
  END $f$;`;

/**
 * Locks tables with all their partitions, from the top down: under its parent's lock no partition comes or goes. Each may be
 * waited for so long, and all together so long, from the first lock on. Below deadlock_timeout (1 s by default) no
 * transaction of an application that waits for one of these locks, and is waited for, is ever made to fail. Waiting
 * for the locks is waiting for the writers in flight. Returns what was locked.
 */
const LOCK_TREES = `
  CREATE OR REPLACE FUNCTION sluice.lock_trees(p_roots oid[], p_mode text, p_each_ms integer, p_all_ms integer) RETURNS oid[]
  LANGUAGE plpgsql SET search_path = '' AS $f$
  DECLARE
    v_end timestamptz = pg_catalog.clock_timestamp() + p_all_ms * interval '1 millisecond';
    v_tables oid[] = p_roots;
    v_at integer = 1;
  BEGIN
    WHILE v_at <= pg_catalog.cardinality(v_tables) LOOP
      PERFORM sluice.lock_table(v_tables[v_at], p_mode,
        least(v_end, pg_catalog.clock_timestamp() + p_each_ms * interval '1 millisecond'));
      v_tables = v_tables || ARRAY(SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = v_tables[v_at] ORDER BY 1);
      v_at = v_at + 1;
    END LOOP;
    PERFORM pg_catalog.set_config('lock_timeout', p_each_ms || 'ms', true);
    RETURN v_tables;
  END $f$;`;

/** Makes keys dirty. A capture that is being stopped waits for it, and takes no more keys afterwards. */
const ENQUEUE = `
  CREATE OR REPLACE FUNCTION sluice.enqueue(p_capture bigint, p_keys text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = '' ${SET_TEXT_SETTINGS} AS $f$
  DECLARE
    v_slot text;
  BEGIN
    SELECT slot INTO v_slot FROM sluice.capture WHERE id = p_capture AND NOT stopped FOR SHARE;
    IF NOT FOUND THEN RETURN; END IF;
    EXECUTE pg_catalog.format('INSERT INTO sluice.change_log (capture, partition, key) SELECT $1, %s, e.k
      FROM (SELECT v.key::pg_catalog.text[] AS k FROM pg_catalog.jsonb_array_elements_text($2) AS v(key) OFFSET 0) AS e', v_slot)
      USING p_capture, p_keys::jsonb;
  END $f$;`;

/** Everything of capture that is installed with the rest. */
export const CAPTURE = [TABLES, LOCK_TABLE, LOCK_TREES, CHECKS, START, ENQUEUE, STOP].join('\n');

/** What Sluice's worker may do with it: never write an entry or a capture itself. */
export const CAPTURE_GRANTS = (workerLogin: string): string => `
  GRANT SELECT ON sluice.capture, sluice.change_log TO ${workerLogin};
  GRANT DELETE ON sluice.change_log TO ${workerLogin};
  GRANT EXECUTE ON FUNCTION sluice.captures, sluice.enqueue TO ${workerLogin};`;
