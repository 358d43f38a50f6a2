import { quoteTable, type TableName } from '../../../../core/identifier';
import { fromValue } from '../projection';
import type { Expression } from './fragments';

/** Builds a query that contains the expressions as text, where a colon could start a parameter; it reads no row. */
export const spellOutSql = (table: TableName, expressions: readonly Expression[]): string =>
  `SELECT count(*) AS rows FROM (
  SELECT ${expressions.map((expression, index) => `${fromValue(expression)} AS c${index}`).join(', ')}
  FROM ${quoteTable(table)} AS t LIMIT 0
) AS s`;
