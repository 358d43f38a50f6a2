import { quoteIdentifier, quoteTable } from '../../../../core/identifier';
import { type ColumnLayout, type Layout, sentColumns } from '../../../../core/layout';

/** Builds the statement that writes a staged row under the lease and deletes its parts. */
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
