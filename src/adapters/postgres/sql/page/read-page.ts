import { quoteIdentifier } from '../../../../core/identifier';
import { sentColumns, type ColumnLayout, type Layout } from '../../../../core/layout';
import type { KeyRange, PageSize } from '../../../../core/ports';
import { fromKey, keyColumns, rangeCondition, type KeySide } from '../key';
import { fromFilter, fromTextOrNull, fromValue } from '../projection';

/**
 * Builds the query for one page: rows in key order, aggregated into one array per column, and sliced into groups. A group is
 * one result row with an array literal per column (a JSON array for the column that carries the texts that a row function
 * reads). Result columns: n, bytes, last (the group's last key), c0…; c* are null for groups beyond a limit. OFFSET 0 keeps
 * the planner from computing an array again wherever it is mentioned. Aggregating the ordered rows once keeps their order
 * without another sort.
 */
export function readPageSql(
  layout: Layout,
  range: KeyRange,
  after: string | null,
  size: PageSize,
): { sql: string; parameters: Record<string, string | number> } {
  const key = fromKey(layout);
  const { condition, parameters } = rangeCondition(key, range, after);
  const columns = sentColumns(layout);
  const names = columns.map((_, index) => `c${index}`);
  const page = [
    ...key.columns.map((column, index) => `t.${quoteIdentifier(column.name)} AS k${index}`),
    ...columns.map(readColumn),
  ];
  const ordered = `SELECT ${page.join(', ')}${layout.wide ? `, ${storedBytes(layout)} AS stored` : ''}
        FROM ${key.table} AS t
        WHERE (SELECT sluice.assert_source_session()) AND ${condition} AND ${fromFilter(layout)}
        ORDER BY ${keyColumns(key)}
        LIMIT CAST(:rowsMax AS integer)`;
  const sql = `SELECT f.n, f.bytes, f.last, ${names.map((name) => `CASE WHEN f.fits THEN f.${name} END AS ${name}`).join(', ')}
FROM (
  SELECT m.*, m.bytes <= :groupBytesMax AND sum(m.bytes) OVER (ORDER BY m.part) <= :bytesMax AS fits
  FROM (
    SELECT g.*, ${names.map((name) => `octet_length(g.${name})`).join(' + ')} AS bytes
    FROM (
      SELECT s.part, s.upto - s.since + 1 AS n, ${lastKey(key)} AS last,
        ${columns.map(sliceColumn).join(', ')}
      FROM (
        SELECT count(*)::integer AS n, ${[...key.columns.map((_, index) => `k${index}`), ...names].map((name) => `array_agg(r.${name}) AS ${name}`).join(', ')}
        FROM (${layout.wide ? withinStored(ordered) : ordered}) AS r
      ) AS a
      CROSS JOIN LATERAL (
        SELECT i AS part, i * CAST(:groupRows AS integer) + 1 AS since,
          least((i + 1) * CAST(:groupRows AS integer), a.n) AS upto
        FROM generate_series(0, (a.n - 1) / CAST(:groupRows AS integer)) AS i WHERE a.n > 0
      ) AS s
      OFFSET 0
    ) AS g
    OFFSET 0
  ) AS m
) AS f
ORDER BY f.part`;
  return { sql, parameters: { ...parameters, ...size } };
}
const readColumn = (column: ColumnLayout, index: number): string =>
  `${column.transport === 'text' && !column.reads ? fromTextOrNull(column) : fromValue(column)} AS c${index}`;
const sliceColumn = (column: ColumnLayout, index: number): string => {
  const slice = `a.c${index}[s.since : s.upto]`;
  return `${column.reads?.length ? `array_to_json(${slice})::text` : `concat(${slice})`} AS c${index}`;
};
const lastKey = (key: KeySide): string =>
  `ARRAY[${key.columns.map((_, index) => `concat(a.k${index}[s.upto])`).join(', ')}]::text`;
/** Sums the stored sizes of a row's values, without fetching any of them. */
const storedBytes = (layout: Layout): string =>
  sentColumns(layout)
    .map((column) => `coalesce(pg_column_size(${fromValue(column)}), 0)`)
    .join(' + ');
/** Limits wide rows to as many as fit in the server's memory; the first row is always included. */
const withinStored = (ordered: string): string => `
        SELECT w.* FROM (
          SELECT o.*, sum(o.stored) OVER (ROWS UNBOUNDED PRECEDING) AS running, row_number() OVER () AS place
          FROM (${ordered}) AS o
        ) AS w WHERE w.running <= :bytesMax OR w.place = 1`;
