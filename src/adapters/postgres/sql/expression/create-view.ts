import { quoteTable, type TableName } from '../../../../core/identifier';
import { fromValue } from '../projection';
import type { Expression } from './fragments';

/** A view whose only column is the expression: the catalog then knows its type. */
export const createViewSql = (table: TableName, view: string, expression: Expression): string =>
  `CREATE TEMPORARY VIEW pg_temp.${view} AS SELECT ${fromValue(expression)} AS value FROM ${quoteTable(table)} AS t`;
