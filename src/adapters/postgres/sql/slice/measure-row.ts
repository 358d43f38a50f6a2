import { type Layout, sentColumns } from '../../../../core/layout';
import type { KeyRange } from '../../../../core/ports';
import { fromKey, keyColumns, keyText, rangeCondition } from '../key';
import { fromFilter, fromText, fromValue } from '../projection';

/** Builds the query for the key of a range's first row, and the bytes of each sent column's text (null for NULL). */
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
