import { quoteIdentifier, quoteTable } from '../../../../core/identifier';
import { sentColumns, type ColumnLayout, type Layout } from '../../../../core/layout';

/**
 * Parts of an applier's statements. Each statement checks the applier's own lease, finds the chunk of every key, and decides
 * by that chunk's lease. It reads the chunk's lease after the source's snapshot, so an entry whose chunk was never claimed
 * can be dropped safely: the chunk's copier will read a later state of the row.
 */

/** Chunks are found in two steps, among every 128th and then among the 128 from there: of 10,000, it reads a few hundred. */
export const STEP = 128;
/** Checks the applier's lease and consumes a number; every other part depends on it. */
export const FENCE = `fence AS (
  UPDATE sluice.lease SET seq = :seq
  WHERE scope = :scope AND token = :token AND seq = :seq - 1 AND open AND (SELECT sluice.assert_target_session())
  RETURNING 1
)`;
export const HELD = `(SELECT count(*) FROM fence) AS held`;
/** The verdicts in the order of the keys, one letter each, as one text: thousands fit in one result row. */
export const VERDICTS = `(SELECT string_agg(p.verdict, '' ORDER BY p.n) FROM placed AS p) AS verdicts`;
/**
 * Builds `placed` (n, chunk, verdict) from `given` (n, key). The verdict is `d` for a key whose chunk was never claimed, `l`
 * for one whose chunk is being copied, and `a` for one that the applier writes. Bounds and keys are sorted together under the
 * key's own types and the column's collation, which the empty branch over the table gives to the others. A key is in the
 * chunk of the last bound before it. Leases are looked up one by one, not joined.
 */
export function placed(layout: Layout): string {
  const types = layout.key.map(({ toType }) => toType);
  const typed = (array: string) =>
    types.map((type, index) => `CAST(${array}[${index + 1}] AS ${type})`).join(', ');
  const names = types.map((_, index) => `k${index}`);
  const columns = layout.key.map(({ to }, index) => `t.${quoteIdentifier(to)} AS k${index}`);
  const sortedTogether = `ORDER BY ${names.map((name) => `${name} NULLS FIRST`).join(', ')}, n NULLS FIRST ROWS UNBOUNDED PRECEDING`;
  const lease = (chunk: string) =>
    `SELECT l.lower, l.token, l.open FROM sluice.lease AS l WHERE l.scope = CAST(:prefix AS text) || ${chunk} OFFSET 0`;
  return `keys AS MATERIALIZED (
  SELECT ${columns.join(', ')}, CAST(NULL AS bigint) AS n FROM ${quoteTable(layout.to)} AS t WHERE false
  UNION ALL SELECT ${typed('g.key')}, g.n FROM given AS g
), coarse AS MATERIALIZED (
  SELECT n, ${names.join(', ')}, max(step) OVER (${sortedTogether}) AS step
  FROM (
    SELECT n, ${names.join(', ')}, CAST(NULL AS integer) AS step FROM keys
    UNION ALL SELECT NULL, ${typed('l.lower')}, s.step
    FROM generate_series(0, ${STEP - 1}) AS s(step) CROSS JOIN LATERAL (${lease(`s.step * ${STEP}`)}) AS l
  ) AS c
), fine AS (
  SELECT n, max(chunk) OVER (PARTITION BY step ${sortedTogether}) AS chunk
  FROM (
    SELECT n, ${names.join(', ')}, step, CAST(NULL AS integer) AS chunk FROM coarse WHERE n IS NOT NULL
    UNION ALL SELECT NULL, ${typed('l.lower')}, s.step, s.step * ${STEP} + i.i
    FROM (SELECT DISTINCT step FROM coarse WHERE n IS NOT NULL) AS s CROSS JOIN generate_series(0, ${STEP - 1}) AS i(i)
      CROSS JOIN LATERAL (${lease(`s.step * ${STEP} + i.i`)}) AS l
  ) AS f
), placed AS MATERIALIZED (
  SELECT f.n, f.chunk, CASE WHEN l.token IS NULL THEN sluice.raise_key_in_no_chunk() WHEN l.token = 0 THEN 'd' WHEN l.open THEN 'l' ELSE 'a' END AS verdict
  FROM fine AS f LEFT JOIN LATERAL (${lease('f.chunk')}) AS l ON true
  WHERE f.n IS NOT NULL
)`;
}
/** The changes in `:changes`, a JSON array of [key, texts of the sent columns, or null for a deleted row]. */
export const GIVEN = `given AS MATERIALIZED (
  SELECT e.n, CAST(e.v ->> 0 AS text[]) AS key, e.v -> 1 AS texts
  FROM fence, jsonb_array_elements(CAST(:changes AS jsonb)) WITH ORDINALITY AS e(v, n)
)`;
/** The changes that the applier writes. */
export const DUE = `due AS MATERIALIZED (
  SELECT g.n, g.key, g.texts FROM given AS g JOIN placed AS p ON p.n = g.n WHERE p.verdict = 'a'
)`;
/** Counts a write to each chunk. Each applier has its own rows, so appliers do not wait for each other. */
export const touched = (written: string): string => `touched AS (
  INSERT INTO sluice.touch AS o (chunk_scope, applier_scope, times)
  SELECT DISTINCT CAST(:prefix AS text) || p.chunk, CAST(:scope AS text), 1 FROM placed AS p WHERE ${written}
  ON CONFLICT (chunk_scope, applier_scope) DO UPDATE SET times = o.times + 1
)`;
/** One key without texts. */
export const GIVEN_ONE = `given AS MATERIALIZED (
  SELECT CAST(1 AS bigint) AS n, CAST(:key AS text[]) AS key, CAST(NULL AS jsonb) AS texts FROM fence
)`;
/** Builds `INSERT … SELECT` without its FROM clause; `text` returns the SQL of the nth sent column's text. */
export const upsert = (layout: Layout, text: (index: number) => string): string =>
  `INSERT INTO ${quoteTable(layout.to)} (${sentColumns(layout)
    .map(({ to }) => quoteIdentifier(to))
    .join(', ')})
  OVERRIDING SYSTEM VALUE
  SELECT ${sentColumns(layout)
    .map(({ toPlainType }, index) => `CAST(${text(index)} AS ${toPlainType})`)
    .join(', ')}`;
/** Updates an existing row in place. Deleting and inserting it would let foreign keys delete or change its children. */
export function onConflict(layout: Layout): string {
  const names = settable(layout).map(({ to }) => quoteIdentifier(to));
  return `ON CONFLICT (${layout.identity.map(quoteIdentifier).join(', ')}) DO ${
    names.length === 0
      ? 'NOTHING'
      : `UPDATE SET ${names.map((name) => `${name} = EXCLUDED.${name}`).join(', ')}`
  }`;
}
/** Lists the columns whose value may change while the row keeps its identity. */
export const settable = (layout: Layout): readonly ColumnLayout[] =>
  sentColumns(layout).filter(({ to, fixed }) => !fixed && !layout.identity.includes(to));
