import { quoteIdentifier, quoteTable } from '../../../../core/identifier';
import type { Layout } from '../../../../core/layout';
import type { KeyRange } from '../../../../core/ports';
import { rangeCondition, toKey } from '../key';

/** Builds the query that counts a range's rows without a parent: foreign keys are not enforced for Sluice's own writes. */
export function orphansSql(
  layout: Layout,
  range: KeyRange,
): { sql: string; parameters: Record<string, string> } {
  const key = toKey(layout);
  const { condition, parameters } = rangeCondition(key, range);
  const orphan = layout.foreignKeys.map((foreignKey) => {
    const present = foreignKey.columns.map((column) => `t.${quoteIdentifier(column)} IS NOT NULL`);
    const match = foreignKey.columns.map(
      (column, index) =>
        `f.${quoteIdentifier(foreignKey.referencedColumns[index]!)} = t.${quoteIdentifier(column)}`,
    );
    return `(${present.join(' AND ')} AND NOT EXISTS (SELECT FROM ${quoteTable(foreignKey.references)} AS f WHERE ${match.join(' AND ')}))`;
  });
  const sql = `SELECT count(*) AS orphans FROM ${key.table} AS t
WHERE (SELECT sluice.assert_source_session()) AND (${condition}) AND (${orphan.join(' OR ')})`;
  return { sql, parameters };
}
