import { quoteIdentifier, quoteTable } from '../../../../core/identifier';
import { type Layout } from '../../../../core/layout';
import { FENCE, HELD, VERDICTS, placed, GIVEN, DUE, touched, upsert, onConflict } from './fragments';

/**
 * Builds the statement that applies every change whose chunk is closed, all or none. It deletes rows first, which frees
 * their unique values.
 */
export const applyRowsSql = (
  layout: Layout,
): string => `WITH ${FENCE}, ${GIVEN}, ${placed(layout)}, ${DUE}, gone AS (
  DELETE FROM ${quoteTable(layout.to)} AS t
  USING (SELECT ${typedKey(layout)} FROM due AS d WHERE jsonb_typeof(d.texts) = 'null' OFFSET 0) AS d
  WHERE ${layout.key.map(({ to }, index) => `t.${quoteIdentifier(to)} = d.k${index}`).join(' AND ')}
  RETURNING 1
), written AS (
  ${upsert(layout, (index) => `d.texts ->> ${index}`)}
  FROM due AS d WHERE jsonb_typeof(d.texts) <> 'null' AND (SELECT count(*) FROM gone) >= 0
  ${onConflict(layout)}
), ${touched(`p.verdict = 'a'`)}
SELECT ${HELD}, ${VERDICTS}`;
const typedKey = (layout: Layout): string =>
  layout.key.map(({ toType }, index) => `CAST(d.key[${index + 1}] AS ${toType}) AS k${index}`).join(', ');
