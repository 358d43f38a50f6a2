import { COLUMN_ROWS, LABEL_ROWS } from './catalog-columns';

const INDEX_ROWS = `SELECT wanted.oid, 'index', 0, json_build_object(
  'name', ic.relname,
  'columns', k.columns,
  'unique', i.indisunique AND NOT i.indisexclusion,
  'primary', i.indisprimary,
  'partial', i.indpred IS NOT NULL,
  'usable', am.amname = 'btree' AND i.indisvalid AND i.indisready AND i.indislive AND i.indimmediate AND k.ordered,
  'valid', i.indisvalid,
  'deferrable', NOT i.indimmediate,
  'exclusion', i.indisexclusion
)::text
FROM wanted
JOIN pg_catalog.pg_index AS i ON i.indrelid = wanted.oid
JOIN pg_catalog.pg_class AS ic ON ic.oid = i.indexrelid
JOIN pg_catalog.pg_am AS am ON am.oid = ic.relam
CROSS JOIN LATERAL (
  SELECT json_agg(a.attname ORDER BY u.n) AS columns,
    bool_and(i.indclass[u.n - 1] IN (
        SELECT oc.oid FROM pg_catalog.pg_opclass AS oc WHERE oc.opcdefault OR oc.opcname = 'varchar_ops')
      AND (a.attname IS NULL OR i.indcollation[u.n - 1] = a.attcollation))
      AND count(DISTINCT i.indoption[u.n - 1] & 1) = 1 AS ordered
  FROM generate_series(1, i.indnkeyatts) AS u(n)
  LEFT JOIN pg_catalog.pg_attribute AS a
    ON a.attrelid = i.indrelid AND a.attnum = i.indkey[u.n - 1] AND i.indkey[u.n - 1] <> 0
) AS k`;

const names = (relation: string, numbers: string): string => `(
    SELECT json_agg(a.attname ORDER BY u.n) FROM unnest(${numbers}) WITH ORDINALITY AS u(attnum, n)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = ${relation} AND a.attnum = u.attnum)`;

/** A foreign key between two mapped tables belongs to both; one of a partition is its parent's. `conenforced` is PostgreSQL 18's. */
const FOREIGN_KEY_ROWS = `SELECT wanted.oid, end_of.kind, 0, json_build_object(
  'name', con.conname,
  'from', json_build_object('schema', fn.nspname, 'name', fc.relname),
  'to', json_build_object('schema', tn.nspname, 'name', tc.relname),
  'columns', ${names('con.conrelid', 'con.conkey')},
  'referencedColumns', ${names('con.confrelid', 'con.confkey')},
  'enforced', con.convalidated AND coalesce((to_jsonb(con) ->> 'conenforced')::boolean, true)
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t WHERE t.tgconstraint = con.oid AND t.tgenabled NOT IN ('O', 'A'))
)::text
FROM wanted
CROSS JOIN (VALUES ('foreignKey'), ('referencedBy')) AS end_of(kind)
JOIN pg_catalog.pg_constraint AS con ON con.contype = 'f' AND con.conparentid = 0
  AND wanted.oid = CASE end_of.kind WHEN 'foreignKey' THEN con.conrelid ELSE con.confrelid END
JOIN pg_catalog.pg_class AS fc ON fc.oid = con.conrelid
JOIN pg_catalog.pg_namespace AS fn ON fn.oid = fc.relnamespace
JOIN pg_catalog.pg_class AS tc ON tc.oid = con.confrelid
JOIN pg_catalog.pg_namespace AS tn ON tn.oid = tc.relnamespace`;

/** Of the table and of its partitions, where a trigger may be set alone. Rules fire by the same switch. */
const TRIGGER_ROWS = `SELECT wanted.oid, 'trigger', 0, to_json(fires.name)::text
FROM wanted
CROSS JOIN LATERAL (
  SELECT t.tgname AS name
  FROM (SELECT wanted.oid AS oid UNION SELECT p.relid::oid FROM pg_partition_tree(wanted.oid::regclass) AS p) AS l
  JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = l.oid
  WHERE NOT t.tgisinternal AND t.tgenabled IN ('A', 'R') AND t.tgname NOT IN ('sluice_guard', 'sluice_guard_truncate')
  UNION
  SELECT r.rulename FROM pg_catalog.pg_rewrite AS r
  WHERE r.ev_class = wanted.oid AND r.ev_enabled IN ('A', 'R')
) AS fires`;

/**
 * Rows (oid, kind, facts) of the tables whose oids are parameter `oids`, a JSON text array: every column, index, foreign
 * key and firing trigger is a row of its own, so that no row outgrows the Data API.
 */
export const DESCRIBE_DETAILS = `WITH wanted AS MATERIALIZED (
  SELECT CAST(w.item AS oid) AS oid FROM json_array_elements_text(CAST(:oids AS json)) AS w(item)
)
SELECT d.oid::text AS oid, d.kind AS kind, d.facts AS facts
FROM (
${[COLUMN_ROWS, LABEL_ROWS, INDEX_ROWS, FOREIGN_KEY_ROWS, TRIGGER_ROWS].join('\nUNION ALL\n')}
) AS d
ORDER BY d.oid, d.kind, d.position, d.facts`;
