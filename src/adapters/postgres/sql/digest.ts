import type { Role } from '../../../contract/sides';
import { quoteIdentifier, quoteTable } from '../../../core/identifier';
import type { ColumnLayout, Layout } from '../../../core/layout';
import type { KeyRange } from '../../../core/ports';
import { givenWithKey } from '../../../core/definition/projection';
import { fromKey, rangeCondition, toKey } from './key';
import { writtenValue } from './page';
import { fromFilter, fromValue } from './projection';

const ASSERT_SESSION: Readonly<Record<Role, string>> = {
  from: 'sluice.assert_source_session()',
  to: 'sluice.assert_target_session()',
};

/**
 * Count and order-independent checksum of a range: two differently seeded 64-bit hashes of each row's text, summed. The
 * row's text is the record's, so NULL and '' differ and no two rows share one. The values that are
 * read are taken as the receiving type writes them, where the types differ. What a row function gives is not in the sums of
 * the table that is read; those of the written one hold it as two more, with the key, as {@link digestTextsSql} takes them.
 */
export function digestSql(
  layout: Layout,
  role: Role,
  range: KeyRange,
): { sql: string; parameters: Record<string, string> } {
  const key = role === 'from' ? fromKey(layout) : toKey(layout);
  const { condition, parameters } = rangeCondition(key, range);
  const plain = layout.columns.filter((column) => !column.reads);
  const given = role === 'to' ? givenWithKey(layout).columns : [];
  const values = role === 'from' ? plain.map(asReceived) : plain.map(toValue);
  const filter = role === 'from' ? fromFilter(layout) : 'true';
  const sql = `SELECT count(*) AS rows, ${sumsOf('row_text')}${given.length > 0 ? ` || ':' || ${sumsOf('given_text')}` : ''} AS checksum
FROM (
  SELECT ${textOf(values)} AS row_text${given.length > 0 ? `, ${textOf(given.map(toValue))} AS given_text` : ''}
  FROM ${key.table} AS t
  WHERE (SELECT ${ASSERT_SESSION[role]}) AND ${condition} AND ${filter}
  OFFSET 0
) AS d`;
  return { sql, parameters };
}

/**
 * Count and sums of rows that come as texts, `:c0` and on as a page of {@link givenWithKey} brings them, hashed as the
 * written table would hold them. Sums of pages add up to those of the range.
 */
export function digestTextsSql(layout: Layout): string {
  const columns = givenWithKey(layout).columns;
  const values = columns.map(
    (column, index) => `CAST(${writtenValue(column, index)} AS ${column.toType}) AS c${index}`,
  );
  return `SELECT count(*) AS rows, ${sumOf('row_text', 0)} AS low, ${sumOf('row_text', 1)} AS high
FROM (
  SELECT ${textOf(columns.map((_, index) => `u.c${index}`))} AS row_text
  FROM (SELECT ${values.join(', ')}) AS u
  WHERE (SELECT sluice.assert_target_session())
  OFFSET 0
) AS d`;
}

const sumOf = (text: string, seed: 0 | 1): string =>
  `coalesce(sum(hashtextextended(d.${text}, ${seed})), 0)::text`;
const sumsOf = (text: string): string => `${sumOf(text, 0)} || ':' || ${sumOf(text, 1)}`;
const textOf = (values: readonly string[]): string => `ROW(${values.join(', ')})::text COLLATE "C"`;
const toValue = (column: ColumnLayout): string => `t.${quoteIdentifier(column.to)}`;

function asReceived(column: ColumnLayout): string {
  const builtIn = !column.toType.includes('.');
  return column.fromType === column.toType || !builtIn
    ? fromValue(column)
    : `CAST(${fromValue(column)} AS ${column.toType})`;
}

/** Rows of a range whose foreign keys have no parent; foreign keys are not enforced on Sluice's own writes. */
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
WHERE (SELECT sluice.assert_target_session()) AND (${condition}) AND (${orphan.join(' OR ')})`;
  return { sql, parameters };
}
