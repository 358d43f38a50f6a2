import type { Role } from '../../../../contract/sides';
import { quoteIdentifier } from '../../../../core/identifier';
import type { ColumnLayout, Layout } from '../../../../core/layout';
import type { KeyRange } from '../../../../core/ports';
import { computedWithKey } from '../../../../core/definition/projection';
import { fromKey, rangeCondition, toKey } from '../key';
import { fromFilter, fromTextOrNull, fromValue } from '../projection';
import { sumOf, textOf } from './fragments';

/**
 * Builds the query for a range's count and its order-independent checksum: two differently seeded 64-bit hashes of each
 * row's text, summed. The text is that of the whole record, so NULL and '' differ and different rows have different texts.
 * Where types differ, the values that are read are cast to the receiving type. The results of a row function are not in the
 * sums of the table that is read. The sums of the written table have two more for them, with the key, as
 * {@link digestTextsSql} computes them.
 */
export function digestSql(
  layout: Layout,
  role: Role,
  range: KeyRange,
): { sql: string; parameters: Record<string, string> } {
  const key = role === 'from' ? fromKey(layout) : toKey(layout);
  const { condition, parameters } = rangeCondition(key, range);
  const plain = layout.columns.filter((column) => !column.reads);
  const given = role === 'to' ? computedWithKey(layout).columns : [];
  const values = role === 'from' ? plain.map(asReceived) : plain.map(toValue);
  const filter = role === 'from' ? fromFilter(layout) : 'true';
  const sql = `SELECT count(*) AS rows, ${sumsOf('row_text')}${given.length > 0 ? ` || ':' || ${sumsOf('given_text')}` : ''} AS checksum
FROM (
  SELECT ${textOf(values)} AS row_text${given.length > 0 ? `, ${textOf(given.map(toValue))} AS given_text` : ''}
  FROM ${key.table} AS t
  WHERE (SELECT sluice.assert_source_session()) AND ${condition} AND ${filter}
  OFFSET 0
) AS d`;
  return { sql, parameters };
}
const sumsOf = (text: string): string => `${sumOf(text, 0)} || ':' || ${sumOf(text, 1)}`;
const toValue = (column: ColumnLayout): string => `t.${quoteIdentifier(column.to)}`;
function asReceived(column: ColumnLayout): string {
  const builtIn = (type: string) => !type.includes('.');
  if (column.fromType === column.toType || !builtIn(column.toType)) return fromValue(column);
  const value = builtIn(column.fromType) ? fromValue(column) : fromTextOrNull(column);
  return `CAST(${value} AS ${column.toType})`;
}
