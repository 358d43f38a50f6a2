import type { Layout } from '../../../../core/layout';
import type { KeyRange } from '../../../../core/ports';
import { fromKey, keyColumns, keyText, rangeCondition } from '../key';
import { fromFilter } from '../projection';

/** Builds the query for the first key of a range, for a row whose values cannot be read. */
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
