import { quoteIdentifier, quoteTable } from '../../../core/identifier';
import type { ColumnLayout, Layout } from '../../../core/layout';
import type { KeyRange } from '../../../core/ports';
import { fromKey, keyColumns, keyCompare, keyText, rangeCondition } from './key';
import { sentColumns } from './page';
import { fromFilter, fromText, fromValue } from './projection';

/** The first row of a range: its key, and how many bytes each travelling column's text has (null: NULL). */
export function measureRowSql(
  layout: Layout,
  range: KeyRange,
  after: string | null,
): { sql: string; parameters: Record<string, string> } {
  const key = fromKey(layout);
  const { condition, parameters } = rangeCondition(key, range, after);
  const sizes = sentColumns(layout).map(
    (column) =>
      `CASE WHEN ${fromValue(column)} IS DISTINCT FROM NULL THEN octet_length(${fromText(column)}) END`,
  );
  const sql = `SELECT ${keyText(key)} AS key, to_json(ARRAY[${sizes.join(', ')}])::text AS sizes
FROM ${key.table} AS t
WHERE (SELECT sluice.assert_source_session()) AND ${condition} AND ${fromFilter(layout)}
ORDER BY ${keyColumns(key)} LIMIT 1`;
  return { sql, parameters };
}

/** The first key of a range, for a row that cannot even be read. */
export function firstKeySql(
  layout: Layout,
  range: KeyRange,
  after: string | null,
): { sql: string; parameters: Record<string, string> } {
  const key = fromKey(layout);
  const { condition, parameters } = rangeCondition(key, range, after);
  const sql = `SELECT ${keyText(key)} AS key FROM ${key.table} AS t
WHERE ${condition} AND ${fromFilter(layout)} ORDER BY ${keyColumns(key)} LIMIT 1`;
  return { sql, parameters };
}

/** Parts `:from` up to, without, `:to` of one column's text, as base64 of its UTF-8 bytes. OFFSET 0: convert it once, not per part. */
export function readSlicesSql(layout: Layout, attribute: number): string {
  const key = fromKey(layout);
  const text = fromText(sentColumns(layout)[attribute]!);
  return `SELECT s.part, translate(encode(substring(v.bytes FROM s.part * CAST(:partBytes AS integer) + 1
    FOR CAST(:partBytes AS integer)), 'base64'), E'\\n', '') AS data
FROM (SELECT convert_to(${text}, 'UTF8') AS bytes FROM ${key.table} AS t
  WHERE (SELECT sluice.assert_source_session()) AND ${keyCompare(key, '=', 'key')} AND ${fromFilter(layout)}
  OFFSET 0) AS v,
  generate_series(CAST(:from AS integer), CAST(:to AS integer) - 1) AS s(part)
ORDER BY s.part`;
}

/** Stages parts of one value beside the target. The lease is checked, not consumed: the same part twice is the same part. */
export const STAGE_SLICES = `WITH fence AS (
  SELECT 1 FROM sluice.lease WHERE scope = :scope AND token = :token AND seq = :seq - 1 AND open FOR SHARE
), staged AS (
  INSERT INTO sluice.slice (scope, attribute, part, data)
  SELECT :scope, :attribute, CAST(:from AS integer) + e.n - 1, decode(e.data, 'base64')
  FROM fence, jsonb_array_elements_text(CAST(:parts AS jsonb)) WITH ORDINALITY AS e(data, n)
  ON CONFLICT (scope, attribute, part) DO UPDATE SET data = EXCLUDED.data
)
SELECT count(*) AS held FROM fence`;

/** Moves a staged row into the target, by one statement under the lease, and drops its parts. */
export function moveStagedSql(layout: Layout): string {
  const columns = sentColumns(layout);
  const value = (column: ColumnLayout, index: number): string =>
    `CAST((SELECT convert_from(string_agg(s.data, ''::bytea ORDER BY s.part), 'UTF8') FROM sluice.slice AS s
    WHERE s.scope = :scope AND s.attribute = ${index}) AS ${column.toPlainType})`;
  return `WITH fence AS (
  UPDATE sluice.lease SET seq = :seq, cursor = CAST(:last AS text[])
  WHERE scope = :scope AND token = :token AND seq = :seq - 1 AND open AND (SELECT sluice.assert_target_session())
  RETURNING 1
), written AS (
  INSERT INTO ${quoteTable(layout.to)} (${columns.map((column) => quoteIdentifier(column.to)).join(', ')})
  OVERRIDING SYSTEM VALUE
  SELECT ${columns.map(value).join(',\n    ')} FROM fence
), dropped AS (
  DELETE FROM sluice.slice AS s USING fence WHERE s.scope = :scope
)
SELECT count(*) AS held FROM fence`;
}

/** Forgets what was staged, under the lease: parts that are still on their way find their number gone. */
export const DROP_SLICES = `WITH fence AS (
  UPDATE sluice.lease SET seq = :seq WHERE scope = :scope AND token = :token AND seq = :seq - 1 AND open RETURNING 1
), dropped AS (
  DELETE FROM sluice.slice AS s USING fence WHERE s.scope = :scope
)
SELECT count(*) AS held FROM fence`;
