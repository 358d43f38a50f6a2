import { type Layout } from '../../../../core/layout';
import { FENCE, HELD, VERDICTS, placed, DUE, touched, GIVEN_ONE } from './fragments';

/** Builds the statement that gives one row unique values that no other row has. */
export const parkRowSql = (
  layout: Layout,
): string => `WITH ${FENCE}, ${GIVEN_ONE}, ${placed(layout)}, ${DUE}, parked AS MATERIALIZED (
  SELECT sluice.park_row(CAST(:table AS text), CAST(:identity AS jsonb), CAST(:settable AS jsonb), CAST(:park AS text), d.key)
  FROM due AS d
), ${touched(`p.verdict = 'a' AND (SELECT count(*) FROM parked) >= 0`)}
SELECT ${HELD}, ${VERDICTS}`;
