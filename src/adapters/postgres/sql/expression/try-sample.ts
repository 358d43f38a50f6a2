import { type TableName } from '../../../../core/identifier';
import { fromFilter, fromValue } from '../projection';
import type { Expression } from './fragments';
import { sample } from './fragments';

/** Builds the query that evaluates an expression for some rows that the filter accepts; its result is not used. */
export const trySampleSql = (table: TableName, expression: Expression, where: string | null): string =>
  `SELECT count(concat(s.value)) FROM (
  SELECT ${fromValue(expression)} AS value FROM ${sample(table)} AS t WHERE ${fromFilter({ where })} OFFSET 0
) AS s`;
