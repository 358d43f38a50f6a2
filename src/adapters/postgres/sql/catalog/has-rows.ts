import { quoteTable, type TableName } from '../../../../core/identifier';

/** Selects whether each table has a row, as `has_rows`, with the number that it is given as `place`. */
export const hasRowsSql = (tables: readonly (readonly [place: number, table: TableName])[]): string =>
  tables
    .map(
      ([place, table]) => `SELECT ${place} AS place, EXISTS (SELECT FROM ${quoteTable(table)}) AS has_rows`,
    )
    .join('\nUNION ALL\n');
