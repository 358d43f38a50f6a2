import { quoteIdentifier } from '../../../../core/identifier';
import type { Layout } from '../../../../core/layout';
import { fromKey } from '../key';

/**
 * Builds the query that cuts a table's key range into chunks of about `:rows` rows, from a sample of `:percent` of its
 * blocks. It neither counts nor skips rows. Result: one row per boundary, with the estimated number of rows.
 */
export function boundariesSql(layout: Layout): string {
  const key = fromKey(layout);
  const names = key.columns.map((_, index) => `k${index}`);
  return `WITH sample AS MATERIALIZED (
  SELECT ${key.columns.map((column, index) => `t.${quoteIdentifier(column.name)} AS k${index}`).join(', ')}
  FROM ${key.table} AS t TABLESAMPLE SYSTEM (CAST(:percent AS real)) REPEATABLE (1)
  WHERE (SELECT sluice.assert_source_session())
), size AS (
  SELECT count(*) AS sampled, round(count(*) * 100 / CAST(:percent AS numeric)) AS rows FROM sample
), chunks AS (
  SELECT sampled, least(greatest(1, ceil(rows / :rows)), :chunksMax) AS wanted FROM size
), ranked AS (
  SELECT ${names.join(', ')}, row_number() OVER (ORDER BY ${names.join(', ')}) - 1 AS rank FROM sample
), cut AS (
  SELECT rank, ARRAY[${names.map((name) => `concat(${name})`).join(', ')}]::text AS boundary FROM ranked, chunks
  WHERE rank > 0 AND floor(rank * wanted / sampled) > floor((rank - 1) * wanted / sampled)
)
SELECT (SELECT rows FROM size)::text AS rows, b.boundary FROM (SELECT 1) AS one LEFT JOIN (
  SELECT rank, boundary FROM cut) AS b ON true ORDER BY b.rank`;
}
