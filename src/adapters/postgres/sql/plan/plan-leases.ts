import { quoteIdentifier, quoteTable } from '../../../../core/identifier';
import type { Layout } from '../../../../core/layout';

/**
 * Builds the statement that writes the leases of a table's chunks, all or none. Chunk n runs from boundary n - 1 up to
 * boundary n. An existing plan stays. `:boundaries` is a JSON array of keys. Unless `:closedFrom` is null, one more chunk
 * starts there and is closed from the start; boundaries at or above that key, which were sampled at another time, are dropped.
 */
export function planLeasesSql(layout: Layout): string {
  const names = layout.key.map((_, index) => `k${index}`);
  const typed = (array: string) =>
    layout.key.map(({ toType }, index) => `CAST((${array})[${index + 1}] AS ${toType})`).join(', ');
  // The empty branch gives the columns' collations to the others.
  return `WITH keys AS (
  SELECT CAST(NULL AS bigint) AS n, CAST(NULL AS text) AS v, ${layout.key.map(({ to }, index) => `t.${quoteIdentifier(to)} AS k${index}`).join(', ')}
  FROM ${quoteTable(layout.to)} AS t WHERE false
  UNION ALL SELECT e.n, e.v, ${typed('CAST(e.v AS text[])')}
  FROM jsonb_array_elements_text(CAST(:boundaries AS jsonb)) WITH ORDINALITY AS e(v, n)
  UNION ALL SELECT 1000000, c.v, ${typed('CAST(c.v AS text[])')}
  FROM (SELECT CAST(:closedFrom AS text) AS v) AS c WHERE c.v IS NOT NULL AND (SELECT sluice.assert_target_session())
), cuts AS (
  SELECT k.n, k.v FROM keys AS k
  WHERE k.n = 1000000 OR CAST(:closedFrom AS text) IS NULL
    OR (${names.map((name) => `k.${name}`).join(', ')}) < (SELECT ${names.map((name) => `c.${name}`).join(', ')} FROM keys AS c WHERE c.n = 1000000)
  UNION ALL SELECT 2000000, NULL
)
INSERT INTO sluice.lease (scope, token, lower, upper)
SELECT CAST(:prefix AS text) || b.chunk, b.token, CAST(b.lower AS text[]), CAST(b.upper AS text[])
FROM (
  SELECT row_number() OVER (ORDER BY n) - 1 AS chunk, lag(v) OVER (ORDER BY n) AS lower, v AS upper,
    CASE WHEN v IS NULL AND CAST(:closedFrom AS text) IS NOT NULL THEN 1 ELSE 0 END AS token
  FROM cuts
) AS b
WHERE CASE WHEN sluice.assert_authority(CAST(:owner AS text), CAST(:migration AS text), CAST(:side AS text), :generation, :epoch)
  THEN NOT EXISTS (SELECT FROM sluice.lease WHERE starts_with(scope, :prefix)) END`;
}
