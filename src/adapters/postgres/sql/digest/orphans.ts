import { quoteIdentifier, quoteTable, type TableName } from '../../../../core/identifier';
import type { ForeignKeyLayout, Layout } from '../../../../core/layout';
import type { KeyRange } from '../../../../core/ports';
import { rangeCondition, toKey } from '../key';

/**
 * Builds the query that counts a range's rows without a parent: foreign keys are not enforced for Sluice's own writes. Columns
 * are compared as the foreign key compares them.
 */
export function orphansSql(
  layout: Layout,
  range: KeyRange,
): { sql: string; parameters: Record<string, string> } {
  const key = toKey(layout);
  const { condition, parameters } = rangeCondition(key, range);
  const sql = `SELECT count(*) AS orphans FROM ${key.table} AS t
WHERE (SELECT sluice.assert_source_session()) AND (${condition}) AND (${layout.foreignKeys.map(isOrphan).join(' OR ')})`;
  return { sql, parameters };
}

function isOrphan(foreignKey: ForeignKeyLayout): string {
  const { ofPartition, columns, references, toPartition, referencedColumns, comparisons } = foreignKey;
  const own = (column: string) => `t.${quoteIdentifier(column)}`;
  const matches = columns.map((column, index) => {
    const { operator, collation } = comparisons[index]!;
    const value = collation === null ? own(column) : `${own(column)} COLLATE ${collation}`;
    return `f.${quoteIdentifier(referencedColumns[index]!)} ${operator} ${value}`;
  });
  return `(${[
    ...(ofPartition === null ? [] : [isInPartition(ofPartition)]),
    ...columns.map((column) => `${own(column)} IS NOT NULL`),
    `NOT EXISTS (SELECT FROM ${quoteTable(toPartition ?? references)} AS f WHERE ${matches.join(' AND ')})`,
  ].join(' AND ')})`;
}

const isInPartition = (partition: TableName): string =>
  `t.tableoid IN (SELECT p.relid FROM pg_catalog.pg_partition_tree('${quoteTable(partition).replaceAll("'", "''")}'::pg_catalog.regclass) AS p)`;
