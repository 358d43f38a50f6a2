import type { Layout } from '../../../../core/layout';
import { computedWithKey } from '../../../../core/definition/projection';
import { writtenValue } from '../page/written-value';
import { sumOf, textOf } from './fragments';

/**
 * Builds the query for the count and sums of rows that are given as texts, in `:c0`, `:c1`… as in a page of
 * {@link computedWithKey}. It hashes them as the written table would hold them. The sums of pages add up to those of the range.
 */
export function digestTextsSql(layout: Layout): string {
  const columns = computedWithKey(layout).columns;
  const values = columns.map(
    (column, index) => `CAST(${writtenValue(column, index)} AS ${column.toType}) AS c${index}`,
  );
  return `SELECT count(*) AS rows, ${sumOf('row_text', 0)} AS low, ${sumOf('row_text', 1)} AS high
FROM (
  SELECT ${textOf(columns.map((_, index) => `u.c${index}`))} AS row_text
  FROM (SELECT ${values.join(', ')}) AS u
  WHERE (SELECT sluice.assert_source_session())
  OFFSET 0
) AS d`;
}
