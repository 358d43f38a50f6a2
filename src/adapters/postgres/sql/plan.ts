import { quoteIdentifier, quoteTable } from '../../../core/identifier';
import type { Layout } from '../../../core/layout';
import { fromKey, keyText } from './key';

/**
 * Cuts a table's key range where samples of whole blocks say that chunks of about `:rows` rows end. Reads `:percent` of
 * the blocks; counts nothing and skips nothing. Result: rows estimated, and the boundaries as a JSON array of keys.
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
  SELECT rank, ARRAY[${names.map((name) => `${name}::text`).join(', ')}]::text AS boundary FROM ranked, chunks
  WHERE rank > 0 AND floor(rank * wanted / sampled) > floor((rank - 1) * wanted / sampled)
)
SELECT (SELECT rows FROM size)::text AS rows, b.boundary FROM (SELECT 1) AS one LEFT JOIN (
  SELECT rank, boundary FROM cut) AS b ON true ORDER BY b.rank`;
}

/** The greatest key, in chunk order: the last entry of the key's index, whether or not its row travels. */
export function lastKeySql(layout: Layout): string {
  const key = fromKey(layout);
  const order = key.columns.map(({ name }) => `t.${quoteIdentifier(name)} DESC`).join(', ');
  return `SELECT ${keyText(key)} AS key FROM ${key.table} AS t
WHERE (SELECT sluice.assert_source_session()) ORDER BY ${order} LIMIT 1`;
}

/**
 * Writes the leases of a table's chunks, all or none: chunk n runs from boundary n - 1 up to boundary n. A plan that is
 * there already stays. `:boundaries` is a JSON array of keys. From `:closedFrom` on, unless it is null, one more chunk is
 * closed from birth: boundaries that are not before it, sampled at another moment, are dropped.
 */
export function planLeasesSql(layout: Layout): string {
  const names = layout.key.map((_, index) => `k${index}`);
  const typed = (array: string) =>
    layout.key.map(({ toType }, index) => `CAST((${array})[${index + 1}] AS ${toType})`).join(', ');
  // The empty branch lends the columns' collations to the others.
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
WHERE NOT EXISTS (SELECT FROM sluice.lease WHERE starts_with(scope, :prefix))`;
}

export const COUNT_LEASES = `SELECT count(*) AS chunks FROM sluice.lease WHERE starts_with(scope, :prefix)`;
