/** Statements on the change log. Each names its capture: what it finds of another generation is nobody's. */
import type { Layout } from '../../../core/layout';
import { sentColumns } from '../../../core/layout';
import { quoteIdentifier } from '../../../core/identifier';
import { fromKey } from './key';
import { fromFilter, fromText, fromValue } from './projection';

export const CAPTURES = `SELECT table_name, id::text AS id, lost
FROM sluice.captures(CAST(:migration AS text), CAST(:side AS text), :generation)`;

export const START_CAPTURE = `SELECT 1 AS done FROM sluice.start_capture(CAST(:migration AS text), CAST(:side AS text),
  :generation, CAST(:table AS text), CAST(:schema AS text), CAST(:name AS text), CAST(:key AS text), CAST(:identity AS text),
  CAST(:partitions AS integer), CAST(:logBytesMax AS bigint), CAST(:lockMs AS integer), CAST(:totalMs AS integer))`;

export const STOP_CAPTURE = `SELECT sluice.stop_capture(CAST(:migration AS text), CAST(:side AS text),
  CAST(:lockMs AS integer), CAST(:totalMs AS integer)) AS remaining`;

/**
 * Dirty keys and what they name, in one snapshot. Entries are grouped under the key's own equality, in the order of each
 * key's first entry; every key is looked up by itself, along an index, however many there are. Result columns: entries,
 * key, age_ms, state ('row', 'gone' or 'large'), row; and of the whole page, on every row: scanned, last (id of the last
 * entry scanned), beyond (the first entry of the first key that did not fit, or null).
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
  SELECT d.first, d.since, d.entries, ARRAY[${places.map((place) => `d.${place}::text`).join(', ')}]::text AS key,
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

/** What one row of a result takes beside the values that are measured. */
const ROW_OVERHEAD = 100;
/** The Data API ends a result row at 64 KiB. */
const ROW_BYTES_MAX = 65_000;

/**
 * A JSON array of the texts that travel, in the columns' order. Of a wide row whose stored values alone are too large, ''
 * stands for more than may travel: nobody reads a gigabyte to find that out.
 */
function textsWithin(layout: Layout): string {
  const columns = sentColumns(layout);
  const texts = columns.map(
    (column) => `CASE WHEN ${fromValue(column)} IS DISTINCT FROM NULL THEN ${fromText(column)} END`,
  );
  const json = `to_json(CAST(ARRAY[${texts.join(', ')}] AS text[]))::text`;
  if (!layout.wide) return json;
  const stored = columns.map((column) => `coalesce(pg_column_size(${fromValue(column)}), 0)`);
  return `CASE WHEN ${stored.join(' + ')} <= :rowBytesMax THEN ${json} END`;
}

/**
 * Exactly these entries. Each is looked up by itself, in every partition, and deleted in its place: whatever the planner
 * believes of a table that fills and empties all the time, it does not scan it.
 */
export const FORGET = `DELETE FROM sluice.change_log WHERE ctid = ANY (ARRAY(
  SELECT l.place FROM sluice.capture AS c
  CROSS JOIN LATERAL generate_series(0, c.partitions - 1) AS p(number)
  CROSS JOIN unnest(CAST(:entries AS bigint[])) AS e(id)
  CROSS JOIN LATERAL (
    SELECT o.ctid AS place FROM sluice.change_log AS o
    WHERE o.capture = c.id AND o.partition = p.number AND o.id = e.id LIMIT 1
  ) AS l
  WHERE c.id = CAST(:capture AS bigint)))`;

export const ENQUEUE = `SELECT 1 AS done FROM sluice.enqueue(CAST(:capture AS bigint), CAST(:keys AS text))`;

/** One row, whatever is dirty. The instant is that before the statement saw anything. */
export const DIRTY_PARTITIONS = `SELECT coalesce(string_agg(c.id::text || '/' || p.number, ','), '') AS dirty,
  floor(extract(epoch FROM statement_timestamp()) * 1000)::bigint AS at_ms
FROM sluice.capture AS c
CROSS JOIN LATERAL generate_series(0, c.partitions - 1) AS p(number)
CROSS JOIN LATERAL (
  SELECT 1 FROM sluice.change_log AS l WHERE l.capture = c.id AND l.partition = p.number LIMIT 1
) AS l
WHERE c.id = ANY (CAST(:captures AS bigint[]))`;

/** Entries are counted up to a hundred thousand in each partition; the oldest of a partition is its first. */
export const DEPTH = `SELECT c.table_name, sum(l.entries)::bigint AS entries,
  floor(greatest(0, coalesce(extract(epoch FROM clock_timestamp() - min(o.at)) * 1000, 0)))::bigint AS oldest_ms
FROM sluice.capture AS c
CROSS JOIN LATERAL generate_series(0, c.partitions - 1) AS p(number)
CROSS JOIN LATERAL (
  SELECT count(*) AS entries
  FROM (SELECT FROM sluice.change_log AS l WHERE l.capture = c.id AND l.partition = p.number LIMIT 100000) AS entries
) AS l
LEFT JOIN LATERAL (
  SELECT o.at FROM sluice.change_log AS o WHERE o.capture = c.id AND o.partition = p.number ORDER BY o.id LIMIT 1
) AS o ON true
WHERE c.migration = :migration AND c.side = :side AND c.generation = :generation
GROUP BY c.table_name`;
