import { quoteIdentifier, quoteTable } from '../../../../core/identifier';
import type { Layout } from '../../../../core/layout';

/**
 * Builds the query for the boundaries that are below `:key`, compared under the types and collations of the table's key.
 * `:boundaries` is a JSON array of keys. Result column: `places`, their positions from 1, separated by commas.
 */
export function boundariesBelowSql(layout: Layout): string {
  const names = layout.key.map((_, index) => `k${index}`);
  const typed = (array: string) =>
    layout.key.map(({ toType }, index) => `CAST((${array})[${index + 1}] AS ${toType})`).join(', ');
  // The empty branch gives the columns' collations to the others.
  return `WITH keys AS (
  SELECT CAST(NULL AS bigint) AS n, ${layout.key.map(({ to }, index) => `t.${quoteIdentifier(to)} AS k${index}`).join(', ')}
  FROM ${quoteTable(layout.to)} AS t WHERE false
  UNION ALL SELECT e.n, ${typed('CAST(e.v AS text[])')}
  FROM jsonb_array_elements_text(CAST(:boundaries AS jsonb)) WITH ORDINALITY AS e(v, n)
  UNION ALL SELECT 0, ${typed('CAST(c.v AS text[])')}
  FROM (SELECT CAST(:key AS text) AS v) AS c WHERE (SELECT sluice.assert_target_session())
)
SELECT coalesce(string_agg(k.n::text, ',' ORDER BY k.n), '') AS places FROM keys AS k
WHERE k.n > 0
  AND (${names.map((name) => `k.${name}`).join(', ')}) < (SELECT ${names.map((name) => `c.${name}`).join(', ')} FROM keys AS c WHERE c.n = 0)`;
}
