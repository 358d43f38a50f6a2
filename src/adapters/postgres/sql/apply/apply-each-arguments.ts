import { quoteIdentifier, quoteTable } from '../../../../core/identifier';
import { type Layout } from '../../../../core/layout';
import { upsert, onConflict, settable } from './fragments';

/** Returns the parameters of `applyEachSql` that describe the table. In these statements, $1 is the key and $2 the texts of a row. */
export function applyEachArguments(layout: Layout): Record<string, string> {
  const keyIs = (columns: readonly string[]) =>
    layout.key
      .map(({ to, toType }, index) => ({
        to,
        is: `t.${quoteIdentifier(to)} = CAST($1[${index + 1}] AS ${toType})`,
      }))
      .filter(({ to }) => columns.includes(to))
      .map(({ is }) => is)
      .join(' AND ');
  return {
    table: quoteTable(layout.to),
    identity: JSON.stringify(layout.identity),
    settable: JSON.stringify(settable(layout).map(({ to }) => to)),
    upsert: `${upsert(layout, (index) => `$2 ->> ${index}`)} ${onConflict(layout)}`,
    delete: `DELETE FROM ${quoteTable(layout.to)} AS t WHERE ${keyIs(layout.key.map(({ to }) => to))}`,
    park: `UPDATE ${quoteTable(layout.to)} AS t SET %s WHERE ${keyIs(layout.identity)}`,
  };
}
