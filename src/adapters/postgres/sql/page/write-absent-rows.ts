import { quoteIdentifier, quoteTable } from '../../../../core/identifier';
import { sentColumns, type ColumnLayout, type Layout } from '../../../../core/layout';

/**
 * Builds the statement that writes the rows of a page that conflict with no existing row, under the chunk's lease, and records
 * the keys of the others. Copiers use it concurrently with appliers, for a refused page: it costs more than a plain INSERT.
 */
export function writeAbsentRowsSql(layout: Layout): string {
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
  SELECT :scope, ARRAY[${key.map(({ value }) => `concat(${value})`).join(', ')}]::text FROM given AS g
  WHERE NOT EXISTS (SELECT FROM written AS w WHERE ${key.map(({ name, value }) => `w.${name} = ${value}`).join(' AND ')})
)
SELECT count(*) AS held FROM fence`;
}
/** Unnests a column's array in step with the others, as {@link writtenValue} does, under a name. */
const value = (column: ColumnLayout, index: number): string =>
  column.transport === 'text'
    ? `CAST(unnest(CAST(:c${index} AS text[])) AS ${column.toPlainType}) AS c${index}`
    : `unnest(CAST(:c${index} AS ${column.toPlainType}[])) AS c${index}`;
