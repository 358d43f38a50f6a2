import type { ColumnDescription, TableDescription } from '../../../../core/catalog';
import { quoteIdentifier, quoteTable } from '../../../../core/identifier';
import { sentColumns, type Layout } from '../../../../core/layout';
import { fromFilter } from '../projection';

/**
 * Builds the query for the bytes of the largest row's text, without fetching values that are stored out of line. It is exact
 * for text and bytea; other values count with their stored size, expressions with that of their columns. It reads `:percent`
 * of the blocks. Null if no sent column can be large.
 */
export function largestRowSql(layout: Layout, source: TableDescription): string | null {
  const sent = new Set(sentColumns(layout).flatMap((column) => column.reads ?? [column.from]));
  const sizes = source.columns.filter(({ name }) => sent.has(name)).flatMap(sizeOf);
  if (sizes.length === 0) return null;
  return `SELECT max(${sizes.join(' + ')}) AS bytes
FROM ${quoteTable(layout.from)} AS t TABLESAMPLE SYSTEM (CAST(:percent AS real)) REPEATABLE (1)
WHERE ${fromFilter(layout)}`;
}
/** Values of these types never need more than a few bytes. */
const SMALL = new Set(
  (
    'bool char int2 int4 int8 oid float4 float8 money date time timetz timestamp timestamptz interval uuid name ' +
    'macaddr macaddr8 inet cidr pg_lsn point line lseg box circle'
  ).split(' '),
);
/** Types whose length is in the pointer to a value that is stored out of line, so that reading it fetches nothing. */
const TEXTS = new Set(['text', 'varchar', 'bpchar']);
function sizeOf({ name, value }: ColumnDescription): string[] {
  const column = `t.${quoteIdentifier(name)}`;
  const typeName = value.arrayLevels === 0 && !value.type.includes('.') ? value.typeName : '';
  if (SMALL.has(typeName)) return [];
  return [`coalesce(${bytesOf(column, typeName)}, 0)::int8`];
}
function bytesOf(column: string, typeName: string): string {
  if (TEXTS.has(typeName)) return `octet_length(${column})`;
  return typeName === 'bytea' ? `2 + 2 * octet_length(${column})::int8` : `pg_column_size(${column})`;
}
