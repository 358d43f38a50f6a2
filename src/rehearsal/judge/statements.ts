import { escapeIdentifier } from 'pg';
import type { ColumnFacts, TableFacts } from './description';
import { expressionsOf, isCopiedUnchanged, renamesOf, type MovedTable } from './moved-table';

/** Statements that hash one side of a mapping. */
export interface SideStatements {
  /** Returns `bucket`, `rows`, `hash` for every bucket that has keys. $1: hashes of keys to exclude. */
  readonly buckets: string;
  /**
   * Opens the cursor `differences` over `key`, `row` (hexadecimal hashes) and `compared`, ordered by both hashes. $1:
   * hashes of keys to exclude; $2: buckets to read.
   */
  readonly openRows: string;
}

export interface Statements {
  readonly source: SideStatements;
  readonly target: SideStatements;
  /** For the target. Returns the hexadecimal hashes of keys, given as one array of texts for each column of the key. */
  readonly hashKeys: string;
  /** For the target. Returns the results of a row function, given as one array of texts per column, as `compared`. */
  readonly formatGiven: string;
}

/** First 12 bits of the key's hash: few enough to send every bucket, many enough that a differing bucket is small. */
const BUCKET = '(get_byte(k, 0) << 4) | (get_byte(k, 1) >> 4)';

interface Pair {
  /** Source column; null for a computed column. */
  readonly column: string | null;
  /** SQL of the source's value, cast to the target's type. */
  readonly source: string;
  readonly target: ColumnFacts;
}

/**
 * Builds corresponding statements for both sides. They hash the text of each row as a record, which distinguishes NULL
 * from '' and keeps padding.
 * @throws Error if a column or the key is missing on a side
 */
export function statementsOf(mapping: MovedTable, source: TableFacts, target: TableFacts): Statements {
  const pairs = pairsOf(mapping, source, target);
  const keyNames = mapping.key ?? source.primaryKey;
  const key = keyNames.map((name) => pairs.find(({ column }) => column === name));
  const known = key.filter((pair) => pair !== undefined);
  if (known.length === 0 || known.length < key.length)
    throw new Error(`${mapping.source} has no key by which the judge can match rows; declare one`);
  const { reads = [], writes = [] } = mapping.rowFunction ?? {};
  const given = writes.map((name) => columnNamed(target, name));
  return {
    source: statements(source.name, {
      key: known.map((pair) => pair.source),
      columns: pairs.map((pair) => pair.source),
      compared:
        mapping.rowFunction &&
        `to_json(ARRAY[${reads.map((name) => textOf(source, name)).join(', ')}]::text[])::text`,
      where: mapping.where,
    }),
    target: statements(target.name, {
      key: known.map(fromTarget),
      columns: pairs.map(fromTarget),
      compared: mapping.rowFunction && rowText(given.map((column) => `t.${escapeIdentifier(column.name)}`)),
    }),
    hashKeys: `SELECT encode(${hashOf(castsOf(known.map((pair) => pair.target)))}, 'hex') AS key FROM ${textArrays(known.length)}`,
    formatGiven: `SELECT ${rowText(castsOf(given))} AS compared FROM ${textArrays(given.length)} ORDER BY n`,
  };
}

function pairsOf(mapping: MovedTable, source: TableFacts, target: TableFacts): Pair[] {
  const renamed = renamesOf(mapping);
  const plain = source.columns
    .filter(({ name }) => isCopiedUnchanged(mapping, name))
    .map((column): Pair => {
      const to = columnNamed(target, renamed.get(column.name) ?? column.name, column.name);
      const value = `t.${escapeIdentifier(column.name)}`;
      return {
        column: column.name,
        target: to,
        source: column.type === to.type ? value : castToTarget(value, to),
      };
    });
  const computed = [...expressionsOf(mapping)].map(([name, sql]): Pair => {
    const to = columnNamed(target, name);
    return { column: null, target: to, source: castToTarget(`(${sql})`, to) };
  });
  return [...plain, ...computed];
}

function columnNamed(table: TableFacts, name: string, of = name): ColumnFacts {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw new Error(`${table.name} has no column ${name} for ${of}`);
  return column;
}

const fromTarget = ({ target }: Pair): string => `t.${escapeIdentifier(target.name)}`;

/** SQL that casts the text of a source's value to the target's type, if that is built in. */
const castToTarget = (value: string, { type, builtIn }: ColumnFacts): string =>
  builtIn ? `CAST(${textIfAny(value)} AS ${type})` : value;

const textOf = (table: TableFacts, name: string): string =>
  textIfAny(`t.${escapeIdentifier(columnNamed(table, name).name)}`);

const textIfAny = (value: string): string =>
  `CASE WHEN ${value} IS DISTINCT FROM NULL THEN format('%s', ${value}) END`;

const castsOf = (columns: readonly ColumnFacts[]): string[] =>
  columns.map(({ type }, index) => `CAST(e.c${index} AS ${type})`);

/** A set of rows from parameters, each an array of texts. */
function textArrays(count: number): string {
  const places = Array.from({ length: count }, (_, index) => index);
  return `unnest(${places.map((place) => `$${place + 1}::text[]`).join(', ')}) WITH ORDINALITY AS e(${places.map((place) => `c${place}`).join(', ')}, n)`;
}

interface SideParts {
  readonly key: readonly string[];
  readonly columns: readonly string[];
  /** The part of the row that is compared as text, not by its hash. */
  readonly compared?: string | undefined;
  readonly where?: string | undefined;
}

function statements(table: string, { key, columns, compared, where }: SideParts): SideStatements {
  // OFFSET 0: PostgreSQL computes each hash once, not at each use.
  const hashed = `WITH all_hashed AS (
  SELECT ${hashOf(key)} AS k, ${hashOf(columns)} AS r, ${compared ?? "''"} AS compared FROM ${table} AS t
  ${where === undefined ? '' : `WHERE (${where}) IS TRUE`} OFFSET 0
), hashed AS (
  SELECT * FROM all_hashed WHERE NOT EXISTS (
    SELECT FROM unnest($1::text[]) AS excluded (k) WHERE decode(excluded.k, 'hex') = all_hashed.k)
)`;
  return {
    buckets: `${hashed}
SELECT ${BUCKET} AS bucket, count(*)::integer AS rows, encode(sha256(string_agg(k || r, '' ORDER BY k, r)), 'hex') AS hash
FROM hashed GROUP BY 1`,
    openRows: `DECLARE differences NO SCROLL CURSOR FOR ${hashed}
SELECT encode(k, 'hex') AS key, encode(r, 'hex') AS row, compared FROM hashed WHERE ${BUCKET} = ANY ($2::integer[]) ORDER BY k, r`,
  };
}

const rowText = (columns: readonly string[]): string => `ROW(${columns.join(', ')})::text`;

const hashOf = (columns: readonly string[]): string => `sha256(convert_to(${rowText(columns)}, 'UTF8'))`;
