import { quoteIdentifier, quoteTable } from '../../../core/identifier';
import { sentColumns, type ColumnLayout, type Layout } from '../../../core/layout';

/**
 * Statements of an applier. Each takes the applier's own lease, finds the chunk of every key, and decides by the lease of
 * that chunk, all in one statement: what it reads of a chunk is read after the source's snapshot, which is what makes it
 * safe to drop an entry whose chunk was never claimed.
 */

/** Chunks are found in two steps, among every 128th and then among the 128 behind it: of 10,000, a few hundred are looked at. */
const STEP = 128;

/** Takes the applier's lease: all that follows depends on it. */
const FENCE = `fence AS (
  UPDATE sluice.lease SET seq = :seq
  WHERE scope = :scope AND token = :token AND seq = :seq - 1 AND open AND (SELECT sluice.assert_target_session())
  RETURNING 1
)`;

const HELD = `(SELECT count(*) FROM fence) AS held`;

/** Verdicts in the order of the keys, a letter each: one text, so that thousands of them travel in one result row. */
const VERDICTS = `(SELECT string_agg(p.verdict, '' ORDER BY p.n) FROM placed AS p) AS verdicts`;

/**
 * Adds `placed` (n, chunk, verdict) to `given` (n, key): `d` for a key whose chunk was never claimed, `l` for one whose chunk
 * is being copied, `a` for one that is the applier's. Bounds and keys are put in line under the key's own types and the
 * column's collation, which the empty branch over the table lends to the others; a key is in the chunk of the last bound
 * before it. Leases are looked up one by one, not joined.
 */
function placed(layout: Layout): string {
  const types = layout.key.map(({ toType }) => toType);
  const typed = (array: string) =>
    types.map((type, index) => `CAST(${array}[${index + 1}] AS ${type})`).join(', ');
  const names = types.map((_, index) => `k${index}`);
  const columns = layout.key.map(({ to }, index) => `t.${quoteIdentifier(to)} AS k${index}`);
  const inLine = `ORDER BY ${names.map((name) => `${name} NULLS FIRST`).join(', ')}, n NULLS FIRST ROWS UNBOUNDED PRECEDING`;
  const lease = (chunk: string) =>
    `SELECT l.lower, l.token, l.open FROM sluice.lease AS l WHERE l.scope = CAST(:prefix AS text) || ${chunk} OFFSET 0`;
  return `keys AS MATERIALIZED (
  SELECT ${columns.join(', ')}, CAST(NULL AS bigint) AS n FROM ${quoteTable(layout.to)} AS t WHERE false
  UNION ALL SELECT ${typed('g.key')}, g.n FROM given AS g
), coarse AS MATERIALIZED (
  SELECT n, ${names.join(', ')}, max(step) OVER (${inLine}) AS step
  FROM (
    SELECT n, ${names.join(', ')}, CAST(NULL AS integer) AS step FROM keys
    UNION ALL SELECT NULL, ${typed('l.lower')}, s.step
    FROM generate_series(0, ${STEP - 1}) AS s(step) CROSS JOIN LATERAL (${lease(`s.step * ${STEP}`)}) AS l
  ) AS c
), fine AS (
  SELECT n, max(chunk) OVER (PARTITION BY step ${inLine}) AS chunk
  FROM (
    SELECT n, ${names.join(', ')}, step, CAST(NULL AS integer) AS chunk FROM coarse WHERE n IS NOT NULL
    UNION ALL SELECT NULL, ${typed('l.lower')}, s.step, s.step * ${STEP} + i.i
    FROM (SELECT DISTINCT step FROM coarse WHERE n IS NOT NULL) AS s CROSS JOIN generate_series(0, ${STEP - 1}) AS i(i)
      CROSS JOIN LATERAL (${lease(`s.step * ${STEP} + i.i`)}) AS l
  ) AS f
), placed AS MATERIALIZED (
  SELECT f.n, f.chunk, CASE WHEN l.token IS NULL THEN sluice.no_chunk() WHEN l.token = 0 THEN 'd' WHEN l.open THEN 'l' ELSE 'a' END AS verdict
  FROM fine AS f LEFT JOIN LATERAL (${lease('f.chunk')}) AS l ON true
  WHERE f.n IS NOT NULL
)`;
}

/** Where keys are now, without writing. `:keys` is a JSON array of keys. */
export const placeKeysSql = (layout: Layout): string => `WITH given AS MATERIALIZED (
  SELECT e.n, CAST(e.v AS text[]) AS key
  FROM jsonb_array_elements_text(CAST(:keys AS jsonb)) WITH ORDINALITY AS e(v, n)
  WHERE (SELECT sluice.assert_target_session())
), ${placed(layout)}
SELECT ${VERDICTS}`;

/** `:changes` is a JSON array of [key, texts of the sent columns, or null for a row that is gone]. */
const GIVEN = `given AS MATERIALIZED (
  SELECT e.n, CAST(e.v ->> 0 AS text[]) AS key, e.v -> 1 AS texts
  FROM fence, jsonb_array_elements(CAST(:changes AS jsonb)) WITH ORDINALITY AS e(v, n)
)`;

/** What is the applier's to write. */
const DUE = `due AS MATERIALIZED (
  SELECT g.n, g.key, g.texts FROM given AS g JOIN placed AS p ON p.n = g.n WHERE p.verdict = 'a'
)`;

/** Each applier counts in rows of its own: none waits for another's. */
const touched = (written: string): string => `touched AS (
  INSERT INTO sluice.touch AS o (chunk_scope, applier_scope, times)
  SELECT DISTINCT CAST(:prefix AS text) || p.chunk, CAST(:scope AS text), 1 FROM placed AS p WHERE ${written}
  ON CONFLICT (chunk_scope, applier_scope) DO UPDATE SET times = o.times + 1
)`;

/** Makes the target equal for every change whose chunk is closed, all or none. Rows that are gone go first, with their unique values. */
export const applyRowsSql = (
  layout: Layout,
): string => `WITH ${FENCE}, ${GIVEN}, ${placed(layout)}, ${DUE}, gone AS (
  DELETE FROM ${quoteTable(layout.to)} AS t
  USING (SELECT ${typedKey(layout)} FROM due AS d WHERE jsonb_typeof(d.texts) = 'null' OFFSET 0) AS d
  WHERE ${layout.key.map(({ to }, index) => `t.${quoteIdentifier(to)} = d.k${index}`).join(' AND ')}
  RETURNING 1
), written AS (
  ${upsert(layout, (index) => `d.texts ->> ${index}`)}
  FROM due AS d WHERE jsonb_typeof(d.texts) <> 'null' AND (SELECT count(*) FROM gone) >= 0
  ${onConflict(layout)}
), ${touched(`p.verdict = 'a'`)}
SELECT ${HELD}, ${VERDICTS}`;

/**
 * The same row by row: what the target refuses is left out and told. `refused` is a JSON array of [n, SQLSTATE, constraint].
 * The statements that the function runs for each row travel as its arguments: it knows no table.
 */
export const applyEachSql = (
  layout: Layout,
): string => `WITH ${FENCE}, ${GIVEN}, ${placed(layout)}, ${DUE}, refused AS MATERIALIZED (
  SELECT r.* FROM (SELECT jsonb_agg(jsonb_build_array(d.n, d.key::text, d.texts) ORDER BY jsonb_typeof(d.texts) <> 'null', d.n) AS changes FROM due AS d) AS d
  CROSS JOIN LATERAL sluice.apply_each(CAST(:table AS text), CAST(:identity AS jsonb), CAST(:settable AS jsonb),
    CAST(:upsert AS text), CAST(:delete AS text), CAST(:park AS text), d.changes) AS r
), ${touched(`p.verdict = 'a' AND NOT EXISTS (SELECT FROM refused AS r WHERE r.n = p.n)`)}
SELECT ${HELD}, ${VERDICTS},
  (SELECT json_agg(json_build_array(r.n, r.state, r.name) ORDER BY r.n)::text FROM refused AS r) AS refused`;

/** What `applyEachSql` is told about the table. Within these statements, $1 is the key and $2 the texts of a row. */
export function applyEachArguments(layout: Layout): Record<string, string> {
  const keyIs = (columns: readonly string[]) =>
    layout.key
      .map(({ to, toType }, index) => ({
        to,
        is: `t.${quoteIdentifier(to)} = CAST($1[${index + 1}] AS ${toType})`,
      }))
      .filter(({ to }) => columns.includes(to))
      .map(({ is }) => is)
      .join(' AND ');
  return {
    table: quoteTable(layout.to),
    identity: JSON.stringify(layout.identity),
    settable: JSON.stringify(settable(layout).map(({ to }) => to)),
    upsert: `${upsert(layout, (index) => `$2 ->> ${index}`)} ${onConflict(layout)}`,
    delete: `DELETE FROM ${quoteTable(layout.to)} AS t WHERE ${keyIs(layout.key.map(({ to }) => to))}`,
    park: `UPDATE ${quoteTable(layout.to)} AS t SET %s WHERE ${keyIs(layout.identity)}`,
  };
}

/** One key. */
const GIVEN_ONE = `given AS MATERIALIZED (
  SELECT CAST(1 AS bigint) AS n, CAST(:key AS text[]) AS key, CAST(NULL AS jsonb) AS texts FROM fence
)`;

/** Makes the target equal for one row that was staged, and drops its parts whatever became of it. */
export const applyStagedSql = (
  layout: Layout,
): string => `WITH ${FENCE}, ${GIVEN_ONE}, ${placed(layout)}, ${DUE}, staged AS MATERIALIZED (
  SELECT s.attribute AS i, convert_from(string_agg(s.data, ''::bytea ORDER BY s.part), 'UTF8') AS text
  FROM sluice.slice AS s WHERE s.scope = :scope GROUP BY s.attribute
), written AS (
  ${upsert(layout, (index) => `(SELECT s.text FROM staged AS s WHERE s.i = ${index})`)}
  FROM due AS d
  ${onConflict(layout)}
), dropped AS (
  DELETE FROM sluice.slice AS s USING fence WHERE s.scope = :scope
), ${touched(`p.verdict = 'a'`)}
SELECT ${HELD}, ${VERDICTS}`;

/** Gives one row unique values that no row has. */
export const parkRowSql = (
  layout: Layout,
): string => `WITH ${FENCE}, ${GIVEN_ONE}, ${placed(layout)}, ${DUE}, parked AS MATERIALIZED (
  SELECT sluice.park_row(CAST(:table AS text), CAST(:identity AS jsonb), CAST(:settable AS jsonb), CAST(:park AS text), d.key)
  FROM due AS d
), ${touched(`p.verdict = 'a' AND (SELECT count(*) FROM parked) >= 0`)}
SELECT ${HELD}, ${VERDICTS}`;

const typedKey = (layout: Layout): string =>
  layout.key.map(({ toType }, index) => `CAST(d.key[${index + 1}] AS ${toType}) AS k${index}`).join(', ');

/** `INSERT … SELECT` without its FROM clause; `text` gives the text of the nth sent column. */
const upsert = (layout: Layout, text: (index: number) => string): string =>
  `INSERT INTO ${quoteTable(layout.to)} (${sentColumns(layout)
    .map(({ to }) => quoteIdentifier(to))
    .join(', ')})
  OVERRIDING SYSTEM VALUE
  SELECT ${sentColumns(layout)
    .map(({ toPlainType }, index) => `CAST(${text(index)} AS ${toPlainType})`)
    .join(', ')}`;

/** A row that is there becomes equal in its place: it is never deleted, so its children stay whatever their foreign keys say. */
function onConflict(layout: Layout): string {
  const names = settable(layout).map(({ to }) => quoteIdentifier(to));
  return `ON CONFLICT (${layout.identity.map(quoteIdentifier).join(', ')}) DO ${
    names.length === 0
      ? 'NOTHING'
      : `UPDATE SET ${names.map((name) => `${name} = EXCLUDED.${name}`).join(', ')}`
  }`;
}

/** Columns whose value may change while the row stays the same. */
const settable = (layout: Layout): readonly ColumnLayout[] =>
  sentColumns(layout).filter(({ to, fixed }) => !fixed && !layout.identity.includes(to));

/** Makes the lease of a partition. */
export const PLAN_PARTITION = `INSERT INTO sluice.lease (scope) VALUES (CAST(:scope AS text)) ON CONFLICT (scope) DO NOTHING`;

/** Keys that a copier left to appliers, a few at a time: the result of the Data API is bounded. */
export const READ_SKIPPED = `SELECT s.id::text AS id, s.key FROM sluice.skipped AS s
WHERE s.scope = :scope AND s.id > CAST(:after AS bigint) ORDER BY s.id LIMIT 300`;

/** How often appliers touched each chunk: its number and the sum. A prefix ends with `/`, and `0` is the character behind it. */
export const READ_TOUCHES = `SELECT substr(o.chunk_scope, length(CAST(:prefix AS text)) + 1) AS chunk, sum(o.times)::text AS times
FROM sluice.touch AS o
WHERE o.chunk_scope >= CAST(:prefix AS text) AND o.chunk_scope < left(CAST(:prefix AS text), -1) || '0'
GROUP BY o.chunk_scope`;
