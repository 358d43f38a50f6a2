import { type TableName } from '../../../../core/identifier';
import { fromFilter, fromValue } from '../projection';
import type { Expression } from './fragments';
import { sample } from './fragments';

/** Builds the query for the texts that a row function reads of some rows, as many as fit in one result: a JSON array each. */
export const readSampleSql = (table: TableName, expression: Expression, where: string | null): string =>
  `SELECT s.texts FROM (
  SELECT r.texts, sum(octet_length(r.texts)) OVER (ROWS UNBOUNDED PRECEDING) AS running
  FROM (
    SELECT ${fromValue(expression)}::text AS texts FROM ${sample(table)} AS t WHERE ${fromFilter({ where })} OFFSET 0
  ) AS r
  WHERE octet_length(r.texts) <= 60000
) AS s WHERE s.running <= 900000`;
