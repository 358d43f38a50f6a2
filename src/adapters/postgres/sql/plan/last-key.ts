import { quoteIdentifier } from '../../../../core/identifier';
import type { Layout } from '../../../../core/layout';
import { fromKey, keyText } from '../key';

/** Builds the query for the greatest key in chunk order, the last entry of the key's index, whether or not the filter matches its row. */
export function lastKeySql(layout: Layout): string {
  const key = fromKey(layout);
  const order = key.columns.map(({ name }) => `t.${quoteIdentifier(name)} DESC`).join(', ');
  return `SELECT ${keyText(key)} AS key FROM ${key.table} AS t
WHERE (SELECT sluice.assert_source_session()) ORDER BY ${order} LIMIT 1`;
}
