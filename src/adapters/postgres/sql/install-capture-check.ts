/** Whether a capture may have missed a change: what it noted itself, and what became of the schema since it began. */

/** What a log over its cap is called, by the trigger that finds it and by whoever looks. */
const OVER_CAP = `
  CREATE OR REPLACE FUNCTION sluice.over_cap(p_bytes_max bigint) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = '' AS $f$
    SELECT pg_catalog.format('the change log is larger than its cap of %s MB', p_bytes_max / 1048576)
  $f$;

  CREATE OR REPLACE FUNCTION sluice.facts_hash(p_facts text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = '' AS $f$
    SELECT pg_catalog.hashtextextended(p_facts COLLATE "C", 0)::text
  $f$;`;

/**
 * What captures depend on, over the whole partition tree. Rows of the catalog are told apart by their xmin, so that what
 * was changed and changed back is seen. A change of a column's type rewrites both its row in the catalog (\`attributes\`) and
 * the table's file (\`files\`), at once; statistics and grants touch only the first, VACUUM FULL only the second.
 */
const CAPTURE_FACTS = `
  CREATE OR REPLACE FUNCTION sluice.capture_facts(p_capture bigint) RETURNS jsonb LANGUAGE sql STABLE SET search_path = '' AS $f$
    WITH RECURSIVE capture AS (
      SELECT c.*, pg_catalog.to_regprocedure(pg_catalog.format('sluice.%I()', 'capture_' || c.id)) AS function
      FROM sluice.capture AS c WHERE c.id = p_capture
    ), tree(relid) AS (
      SELECT relation FROM capture
      UNION SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits AS i ON i.inhparent = tree.relid
    ), col AS (
      SELECT a.attrelid, a.attnum, a.xmin AS born, a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attgenerated,
        a.attcollation, a.attisdropped, d.oid AS generator
      FROM tree JOIN pg_catalog.pg_attribute AS a ON a.attrelid = tree.relid AND a.attnum > 0
      LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.attgenerated <> ''
    ), type(oid) AS (
      SELECT atttypid FROM col
      UNION SELECT CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.typelem END
      FROM type JOIN pg_catalog.pg_type AS t ON t.oid = type.oid AND (t.typtype = 'd' OR t.typelem <> 0)
    )
    SELECT pg_catalog.jsonb_build_object(
      'table', (SELECT pg_catalog.concat_ws(' ', c.oid, c.relkind, c.relpersistence)
        FROM capture JOIN pg_catalog.pg_class AS c ON c.oid = capture.relation),
      'name', (SELECT n.nspname = source_schema AND c.relname = source_name FROM capture
        JOIN pg_catalog.pg_class AS c ON c.oid = capture.relation JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace),
      'partitions', sluice.facts_hash((SELECT pg_catalog.string_agg(
          pg_catalog.concat_ws(' ', i.inhrelid, i.inhparent, i.xmin, i.inhdetachpending, c.relkind, c.relpersistence),
          ',' ORDER BY i.inhrelid, i.inhparent)
        FROM pg_catalog.pg_inherits AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid WHERE i.inhrelid IN (SELECT relid FROM tree) OR i.inhparent IN (SELECT relid FROM tree))),
      'subscribed', EXISTS (SELECT FROM tree JOIN pg_catalog.pg_subscription_rel AS s ON s.srrelid = tree.relid),
      'columns', sluice.facts_hash((SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', attrelid, attnum,
          pg_catalog.quote_ident(attname), atttypid, atttypmod, attnotnull, attgenerated, attcollation, attisdropped, generator),
          ',' ORDER BY attrelid, attnum) FROM col)),
      'labels', coalesce((SELECT pg_catalog.jsonb_object_agg(e.oid, e.enumlabel)
        FROM type JOIN pg_catalog.pg_enum AS e ON e.enumtypid = type.oid), '{}'),
      'attributes', sluice.facts_hash((SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', attrelid, attnum, born),
          ',' ORDER BY attrelid, attnum) FROM col)),
      'files', sluice.facts_hash((SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', c.oid, c.relfilenode), ',' ORDER BY c.oid)
        FROM tree JOIN pg_catalog.pg_class AS c ON c.oid = tree.relid)),
      'triggers', sluice.facts_hash((SELECT pg_catalog.string_agg(
          pg_catalog.concat_ws(' ', t.tgrelid, t.tgname, t.tgenabled, t.xmin), ',' ORDER BY t.tgrelid, t.tgname)
        FROM tree JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = tree.relid WHERE t.tgfoid = (SELECT function FROM capture))),
      'function', (SELECT sluice.facts_hash(pg_catalog.concat_ws(' ', p.oid, p.proowner, p.prosecdef, p.proconfig, p.prosrc))
        FROM capture JOIN pg_catalog.pg_proc AS p ON p.oid = capture.function),
      'key', EXISTS (SELECT FROM capture JOIN pg_catalog.pg_index AS i ON i.indrelid = capture.relation
        WHERE i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
          AND NOT EXISTS (SELECT FROM pg_catalog.generate_series(0, i.indnkeyatts - 1) AS k(place)
            JOIN col AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k.place]
            WHERE a.attname <> ALL (capture.identity))))
  $f$;

  CREATE OR REPLACE FUNCTION sluice.wanted_facts() RETURNS jsonb LANGUAGE sql IMMUTABLE SET search_path = '' AS $f$
    SELECT '{"name": true, "subscribed": false, "key": true}'::jsonb
  $f$;`;

/**
 * Why a capture may have missed a change, or null: the first reason that was ever found, from then on. Where only one of
 * \`attributes\` and \`files\` has changed since the last look, it was nothing, and is what the next look compares with.
 */
const CHECK_CAPTURE = `
  CREATE OR REPLACE FUNCTION sluice.check_capture(p_capture sluice.capture) RETURNS text LANGUAGE plpgsql
  SET search_path = '' AS $f$
  DECLARE
    v_now jsonb;
    v_why text = (SELECT l.why FROM sluice.capture_loss AS l WHERE l.capture = p_capture.id ORDER BY l.at LIMIT 1);
  BEGIN
    IF v_why IS NOT NULL THEN RETURN v_why; END IF;
    IF p_capture.stopped THEN RETURN 'the capture was stopped'; END IF;
    v_now = sluice.capture_facts(p_capture.id);
    SELECT f.why INTO v_why FROM (VALUES
        (1, 'table', 'the table was dropped, or is another kind of table'),
        (2, 'name', 'the table was renamed'),
        (3, 'subscribed', 'it receives changes by logical replication, which fires no statement trigger'),
        (4, 'partitions', 'partitions were created, attached, detached or dropped'),
        (5, 'columns', 'the schema changed: its columns are not what they were'),
        (6, 'labels', 'the schema changed: labels of an enum are not what they were'),
        (7, 'key', 'the schema changed: no unique index is left on its key'),
        (8, 'triggers', 'a capture trigger was disabled, changed or dropped, at least for a while'),
        (9, 'function', 'the function of the capture triggers was changed or dropped')
      ) AS f(rank, fact, why)
      WHERE NOT coalesce((v_now -> f.fact) @> (p_capture.fingerprint -> f.fact), false)
      ORDER BY f.rank LIMIT 1;
    IF v_why IS NULL AND NOT v_now @> p_capture.fingerprint THEN
      IF v_now -> 'attributes' <> p_capture.fingerprint -> 'attributes' AND v_now -> 'files' <> p_capture.fingerprint -> 'files' THEN
        v_why = 'the schema changed: the type of a column was changed and changed back, or so it seems';
      ELSE
        UPDATE sluice.capture AS c SET fingerprint = c.fingerprint
            || pg_catalog.jsonb_build_object('attributes', v_now -> 'attributes', 'files', v_now -> 'files')
          WHERE c.id = p_capture.id;
      END IF;
    END IF;
    IF v_why IS NULL AND pg_catalog.pg_relation_size('sluice.change_log') + pg_catalog.pg_relation_size('sluice.change_log_pkey')
      > p_capture.log_bytes_max THEN
      v_why = sluice.over_cap(p_capture.log_bytes_max);
    END IF;
    IF v_why IS NOT NULL THEN INSERT INTO sluice.capture_loss (capture, why) VALUES (p_capture.id, v_why); END IF;
    RETURN v_why;
  END $f$;

  CREATE OR REPLACE FUNCTION sluice.captures(p_migration text, p_side text, p_generation bigint)
  RETURNS TABLE (table_name text, id bigint, lost text) LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $f$
  BEGIN
    RETURN QUERY SELECT c.table_name, c.id, sluice.check_capture(c) FROM sluice.capture AS c
      WHERE c.migration = p_migration AND c.side = p_side AND c.generation = p_generation ORDER BY c.table_name;
  END $f$;`;

export const CHECKS = [OVER_CAP, CAPTURE_FACTS, CHECK_CAPTURE].join('\n');
