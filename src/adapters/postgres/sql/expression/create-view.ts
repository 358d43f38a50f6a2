import { quoteTable, type TableName } from '../../../../core/identifier';
import { fromValue } from '../projection';
import type { Expression } from './fragments';

/** Builds a view whose only column is the expression, so that the catalog describes its type. */
export const createViewSql = (table: TableName, view: string, expression: Expression): string =>
  `CREATE TEMPORARY VIEW pg_temp.${view} AS SELECT ${fromValue(expression)} AS value FROM ${quoteTable(table)} AS t`;
