import { quoteTable, type TableName } from '../../../../core/identifier';

/** Builds the statement that creates an empty table with the source's columns. */
export const createRowSql = (table: TableName, name: string): string =>
  `CREATE TEMPORARY TABLE pg_temp.${name} (LIKE ${quoteTable(table)})`;
