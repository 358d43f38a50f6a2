import { type Layout } from '../../../../core/layout';
import { FENCE, HELD, VERDICTS, placed, DUE, touched, GIVEN_ONE, upsert, onConflict } from './fragments';

/** Builds the statement that applies one staged row, and deletes its parts whether or not the row was written. */
export const applyStagedSql = (
  layout: Layout,
): string => `WITH ${FENCE}, ${GIVEN_ONE}, ${placed(layout)}, ${DUE}, staged AS MATERIALIZED (
  SELECT s.attribute AS i, convert_from(string_agg(s.data, ''::bytea ORDER BY s.part), 'UTF8') AS text
  FROM sluice.slice AS s WHERE s.scope = :scope GROUP BY s.attribute
), written AS (
  ${upsert(layout, (index) => `(SELECT s.text FROM staged AS s WHERE s.i = ${index})`)}
  FROM due AS d
  ${onConflict(layout)}
), dropped AS (
  DELETE FROM sluice.slice AS s USING fence WHERE s.scope = :scope
), ${touched(`p.verdict = 'a'`)}
SELECT ${HELD}, ${VERDICTS}`;
