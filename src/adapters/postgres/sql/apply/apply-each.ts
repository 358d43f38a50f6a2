import { type Layout } from '../../../../core/layout';
import { FENCE, HELD, VERDICTS, placed, GIVEN, DUE, touched } from './fragments';

/**
 * Builds the statement that applies changes row by row and reports the rows that the target refuses. `refused` is a JSON
 * array of [n, SQLSTATE, constraint]. The installed function does not know the table, so the statements that it runs for each row
 * are its arguments.
 */
export const applyEachSql = (
  layout: Layout,
): string => `WITH ${FENCE}, ${GIVEN}, ${placed(layout)}, ${DUE}, refused AS MATERIALIZED (
  SELECT r.* FROM (SELECT jsonb_agg(jsonb_build_array(d.n, d.key::text, d.texts) ORDER BY jsonb_typeof(d.texts) <> 'null', d.n) AS changes FROM due AS d) AS d
  CROSS JOIN LATERAL sluice.apply_each(CAST(:table AS text), CAST(:identity AS jsonb), CAST(:settable AS jsonb),
    CAST(:upsert AS text), CAST(:delete AS text), CAST(:park AS text), d.changes) AS r
), ${touched(`p.verdict = 'a' AND NOT EXISTS (SELECT FROM refused AS r WHERE r.n = p.n)`)}
SELECT ${HELD}, ${VERDICTS},
  (SELECT json_agg(json_build_array(r.n, r.state, r.name) ORDER BY r.n)::text FROM refused AS r) AS refused`;
