import { quoteIdentifier, quoteTable } from '../../../../core/identifier';
import { sentColumns, type Layout } from '../../../../core/layout';
import { writtenValue } from './written-value';

/**
 * Writes one page under the chunk's lease and moves the lease's cursor, in one statement: the row of the lease is the
 * fence and the checkpoint. Answers whether the fence held.
 */
export function writePageSql(layout: Layout): string {
  const columns = sentColumns(layout);
  return `WITH fence AS (
  UPDATE sluice.lease SET seq = :seq, cursor = CAST(:last AS text[])
  WHERE scope = :scope AND token = :token AND seq = :seq - 1 AND open AND (SELECT sluice.assert_target_session())
  RETURNING 1
), written AS (
  INSERT INTO ${quoteTable(layout.to)} (${columns.map((column) => quoteIdentifier(column.to)).join(', ')})
  OVERRIDING SYSTEM VALUE
  SELECT ${columns.map(writtenValue).join(', ')}
  FROM fence
)
SELECT count(*) AS held FROM fence`;
}
