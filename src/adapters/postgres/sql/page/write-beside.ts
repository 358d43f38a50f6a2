import { quoteIdentifier, quoteTable } from '../../../../core/identifier';
import { sentColumns, type ColumnLayout, type Layout } from '../../../../core/layout';

/**
 * Writes one page under the chunk's lease where appliers write beside it: rows in whose place other rows are are left out,
 * and their keys are kept by the same statement. For pages that were refused: it costs more than a plain INSERT.
 */
export function writeBesideSql(layout: Layout): string {
  const columns = sentColumns(layout);
  const key = layout.key.map(({ to }) => ({
    name: quoteIdentifier(to),
    value: `g.c${columns.findIndex((column) => column.to === to)}`,
  }));
  return `WITH fence AS (
  UPDATE sluice.lease SET seq = :seq, cursor = CAST(:last AS text[])
  WHERE scope = :scope AND token = :token AND seq = :seq - 1 AND open AND (SELECT sluice.assert_target_session())
  RETURNING 1
), given AS MATERIALIZED (
  SELECT ${columns.map(value).join(', ')} FROM fence
), written AS (
  INSERT INTO ${quoteTable(layout.to)} AS t (${columns.map(({ to }) => quoteIdentifier(to)).join(', ')})
  OVERRIDING SYSTEM VALUE
  SELECT ${columns.map((_, index) => `g.c${index}`).join(', ')} FROM given AS g
  ON CONFLICT DO NOTHING
  RETURNING ${key.map(({ name }) => `t.${name}`).join(', ')}
), kept AS (
  INSERT INTO sluice.skipped (scope, key)
  SELECT :scope, ARRAY[${key.map(({ value }) => `${value}::text`).join(', ')}]::text FROM given AS g
  WHERE NOT EXISTS (SELECT FROM written AS w WHERE ${key.map(({ name, value }) => `w.${name} = ${value}`).join(' AND ')})
)
SELECT count(*) AS held FROM fence`;
}
/** As the plain INSERT takes them, in step. */
const value = (column: ColumnLayout, index: number): string =>
  column.transport === 'text'
    ? `CAST(unnest(CAST(:c${index} AS text[])) AS ${column.toPlainType}) AS c${index}`
    : `unnest(CAST(:c${index} AS ${column.toPlainType}[])) AS c${index}`;
