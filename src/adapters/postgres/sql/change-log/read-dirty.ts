import { type Layout, sentColumns } from '../../../../core/layout';
import { quoteIdentifier } from '../../../../core/identifier';
import { fromKey } from '../key';
import { fromFilter, fromTextOrNull, fromValue } from '../projection';

/**
 * Builds the query for dirty keys and their rows, in one snapshot. Entries are grouped under the key's own equality, in the
 * order of each key's first entry. Every key is looked up by itself in an index, however many there are. Result columns:
 * entries, key, age_ms, state ('row', 'gone' or 'large'), row; and, repeated on every row: scanned, last (id of the last
 * scanned entry), beyond (the first entry of the first key that did not fit, or null).
 */
export function readDirtySql(layout: Layout): string {
  const key = fromKey(layout);
  const places = key.columns.map((_, index) => `k${index}`);
  const typed = key.columns.map(({ type }, index) => `CAST(l.key[${index + 1}] AS ${type}) AS k${index}`);
  const matches = key.columns.map(({ name }, index) => `t.${quoteIdentifier(name)} = d.k${index}`);
  return `WITH scanned AS MATERIALIZED (
  SELECT l.id, l.at, l.key FROM sluice.change_log AS l
  WHERE l.capture = CAST(:capture AS bigint) AND l.partition = :partition AND l.id > CAST(:after AS bigint)
    AND (SELECT sluice.assert_source_session())
  ORDER BY l.id LIMIT CAST(:entriesMax AS integer)
), dirty AS MATERIALIZED (
  SELECT ${places.join(', ')}, min(id) AS first, min(at) AS since, string_agg(id::text, ',' ORDER BY id) AS entries
  FROM (SELECT l.id, l.at, ${typed.join(', ')} FROM scanned AS l OFFSET 0) AS l
  GROUP BY ${places.join(', ')}
), read AS MATERIALIZED (
  SELECT d.first, d.since, d.entries, ARRAY[${places.map((place) => `concat(d.${place})`).join(', ')}]::text AS key,
    s.found, s.texts
  FROM (SELECT * FROM dirty ORDER BY first) AS d
  LEFT JOIN LATERAL (
    SELECT true AS found, ${textsWithin(layout)} AS texts
    FROM ${key.table} AS t WHERE ${matches.join(' AND ')} AND ${fromFilter(layout)} LIMIT 1
  ) AS s ON true
), measured AS (
  SELECT m.*, sum(octet_length(m.entries) + octet_length(m.key) + coalesce(octet_length(m.row), 0) + ${ROW_OVERHEAD})
      OVER (ORDER BY m.first) AS running, row_number() OVER (ORDER BY m.first) AS place
  FROM (
    SELECT r.*, CASE WHEN octet_length(r.texts) <= least(:rowBytesMax, ${ROW_BYTES_MAX} - octet_length(r.entries) - octet_length(r.key))
      THEN r.texts END AS row
    FROM read AS r
  ) AS m
)
SELECT m.entries, m.key, floor(greatest(0, extract(epoch FROM clock_timestamp() - m.since) * 1000))::bigint AS age_ms,
  CASE WHEN m.found IS NULL THEN 'gone' WHEN m.row IS NULL THEN 'large' ELSE 'row' END AS state, m.row,
  p.scanned, p.last, p.beyond
FROM measured AS m
CROSS JOIN (
  SELECT (SELECT count(*) FROM scanned) AS scanned, (SELECT max(id)::text FROM scanned) AS last,
    (SELECT min(first)::text FROM measured WHERE running > :bytesMax AND place > 1) AS beyond
) AS p
WHERE m.running <= :bytesMax OR m.place = 1
ORDER BY m.first`;
}
/** Bytes that one row of a result takes in addition to the measured values. */
const ROW_OVERHEAD = 100;
/** The Data API limits a result row to 64 KiB. */
const ROW_BYTES_MAX = 65_000;
/**
 * Builds a JSON array of the texts to send, in the columns' order. It is NULL for a wide row whose stored values alone
 * are too large, so that the query need not read a gigabyte to learn the size of its text.
 */
function textsWithin(layout: Layout): string {
  const columns = sentColumns(layout);
  const json = `to_json(CAST(ARRAY[${columns.map(fromTextOrNull).join(', ')}] AS text[]))::text`;
  if (!layout.wide) return json;
  const stored = columns.map((column) => `coalesce(pg_column_size(${fromValue(column)}), 0)`);
  return `CASE WHEN ${stored.join(' + ')} <= :rowBytesMax THEN ${json} END`;
}
