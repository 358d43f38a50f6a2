import { quoteIdentifier, quoteTable } from '../../../../core/identifier';
import { sentColumns, type Layout } from '../../../../core/layout';
import { writtenValue } from './written-value';

/**
 * Builds the statement that writes one page under the chunk's lease and moves the lease's cursor: the lease's row is both
 * the fence and the checkpoint. It returns whether the fence held.
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
