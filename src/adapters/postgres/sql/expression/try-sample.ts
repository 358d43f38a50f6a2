import { type TableName } from '../../../../core/identifier';
import { fromFilter, fromValue } from '../projection';
import type { Expression } from './fragments';
import { sample } from './fragments';

/** Evaluates an expression for some rows that the filter lets through; its answer is nobody's. */
export const trySampleSql = (table: TableName, expression: Expression, where: string | null): string =>
  `SELECT count(concat(s.value)) FROM (
  SELECT ${fromValue(expression)} AS value FROM ${sample(table)} AS t WHERE ${fromFilter({ where })} OFFSET 0
) AS s`;
