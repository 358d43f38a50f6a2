import { quoteTable, type TableName } from '../../../../core/identifier';
import { fromValue } from '../projection';
import type { Expression } from './fragments';

/** The expressions in the very text of a statement, where a colon could be taken for a parameter's; of no row. */
export const spellOutSql = (table: TableName, expressions: readonly Expression[]): string =>
  `SELECT count(*) AS rows FROM (
  SELECT ${expressions.map((expression, index) => `${fromValue(expression)} AS c${index}`).join(', ')}
  FROM ${quoteTable(table)} AS t LIMIT 0
) AS s`;
