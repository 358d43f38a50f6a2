import { quoteIdentifier, quoteTable } from '../../../core/identifier';
import type { ColumnLayout, Layout } from '../../../core/layout';
import type { KeyRange } from '../../../core/ports';
import { rangeCondition, sourceKey, targetKey } from './key';

/**
 * Count and order-independent checksum of a range: two differently seeded 64-bit hashes of each row's text, summed. The
 * row's text is the record's, so NULL and '' differ and no two rows share one. The source's values are taken as the
 * target's type writes them, where the types differ.
 */
export function digestSql(
  layout: Layout,
  side: 'source' | 'target',
  range: KeyRange,
): { sql: string; parameters: Record<string, string> } {
  const key = side === 'source' ? sourceKey(layout) : targetKey(layout);
  const { condition, parameters } = rangeCondition(key, range);
  const columns = layout.columns.map(
    side === 'source' ? asTargetWrites : (column) => `t.${quoteIdentifier(column.target)}`,
  );
  const sql = `SELECT count(*) AS rows, coalesce(sum(hashtextextended(d.row_text, 0)), 0)::text
  || ':' || coalesce(sum(hashtextextended(d.row_text, 1)), 0)::text AS checksum
FROM (
  SELECT ROW(${columns.join(', ')})::text COLLATE "C" AS row_text FROM ${key.table} AS t
  WHERE (SELECT sluice.assert_${side}_session()) AND ${condition}
  OFFSET 0
) AS d`;
  return { sql, parameters };
}

function asTargetWrites(column: ColumnLayout): string {
  const value = `t.${quoteIdentifier(column.source)}`;
  const builtIn = !column.targetType.includes('.');
  return column.sourceType === column.targetType || !builtIn
    ? value
    : `CAST(${value} AS ${column.targetType})`;
}

/** Rows of a range whose foreign keys have no parent; foreign keys are not enforced on Sluice's own writes. */
export function orphansSql(
  layout: Layout,
  range: KeyRange,
): { sql: string; parameters: Record<string, string> } {
  const key = targetKey(layout);
  const { condition, parameters } = rangeCondition(key, range);
  const orphan = layout.foreignKeys.map((foreignKey) => {
    const present = foreignKey.columns.map((column) => `t.${quoteIdentifier(column)} IS NOT NULL`);
    const match = foreignKey.columns.map(
      (column, index) =>
        `f.${quoteIdentifier(foreignKey.referencedColumns[index]!)} = t.${quoteIdentifier(column)}`,
    );
    return `(${present.join(' AND ')} AND NOT EXISTS (SELECT FROM ${quoteTable(foreignKey.to)} AS f WHERE ${match.join(' AND ')}))`;
  });
  const sql = `SELECT count(*) AS orphans FROM ${key.table} AS t
WHERE (SELECT sluice.assert_target_session()) AND (${condition}) AND (${orphan.join(' OR ')})`;
  return { sql, parameters };
}
