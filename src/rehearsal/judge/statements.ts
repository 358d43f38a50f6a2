import { escapeIdentifier } from 'pg';
import type { ColumnFacts, TableFacts } from './description';
import { expressionsOf, movesAsItIs, renamesOf, type MovedTable } from './moved-table';

/** The parts of one side of a mapping that are hashed. */
export interface SideStatements {
  /** `bucket`, `rows`, `hash` for every bucket of keys that is not empty, but for the keys whose hashes are in $1. */
  readonly buckets: string;
  /**
   * `key`, `row` (hashes, hexadecimal), `texts` of the rows in the order of both, from a cursor `differences`: those of the
   * buckets in $2, but for the keys whose hashes are in $1.
   */
  readonly openRows: string;
}

export interface Statements {
  readonly source: SideStatements;
  readonly target: SideStatements;
  /** In the target: hashes (hexadecimal) of keys, from one array of texts for each column of the key. */
  readonly hashKeys: string;
  /** In the target: texts of the row function's results, from one array each; `texts` in their order. */
  readonly readGiven: string;
}

/** First 12 bits of the key's hash: few enough to send all buckets, and enough that a bucket has few rows. */
const BUCKET = '(get_byte(k, 0) << 4) | (get_byte(k, 1) >> 4)';

interface Pair {
  /** Source column; null for what is computed. */
  readonly column: string | null;
  /** The source's value, as the target's type reads and writes it. */
  readonly source: string;
  readonly target: ColumnFacts;
}

/**
 * The same statements for both sides, over hashes of each row's text as output of a record, which distinguishes NULL
 * from '' and keeps padding.
 * @throws Error if a column or the key is missing on a side
 */
export function statementsOf(mapping: MovedTable, source: TableFacts, target: TableFacts): Statements {
  const pairs = pairsOf(mapping, source, target);
  const keyNames = mapping.key ?? source.primaryKey;
  const key = keyNames.map((name) => pairs.find(({ column }) => column === name));
  const known = key.filter((pair) => pair !== undefined);
  if (known.length === 0 || known.length < key.length)
    throw new Error(`${mapping.source} has no key that the judge could match rows by; declare one`);
  const { reads = [], writes = [] } = mapping.rowFunction ?? {};
  const given = writes.map((name) => columnNamed(target, name));
  return {
    source: statements(source.name, {
      key: known.map((pair) => pair.source),
      columns: pairs.map((pair) => pair.source),
      texts:
        mapping.rowFunction &&
        `to_json(ARRAY[${reads.map((name) => textOf(source, name)).join(', ')}]::text[])::text`,
      where: mapping.where,
    }),
    target: statements(target.name, {
      key: known.map(fromTarget),
      columns: pairs.map(fromTarget),
      texts: mapping.rowFunction && rowText(given.map((column) => `t.${escapeIdentifier(column.name)}`)),
    }),
    hashKeys: `SELECT encode(${hashOf(castsOf(known.map((pair) => pair.target)))}, 'hex') AS key FROM ${textArrays(known.length)}`,
    readGiven: `SELECT ${rowText(castsOf(given))} AS texts FROM ${textArrays(given.length)} ORDER BY n`,
  };
}

function pairsOf(mapping: MovedTable, source: TableFacts, target: TableFacts): Pair[] {
  const renamed = renamesOf(mapping);
  const plain = source.columns
    .filter(({ name }) => movesAsItIs(mapping, name))
    .map((column): Pair => {
      const to = columnNamed(target, renamed.get(column.name) ?? column.name, column.name);
      const value = `t.${escapeIdentifier(column.name)}`;
      return {
        column: column.name,
        target: to,
        source: column.type === to.type ? value : asTarget(value, to),
      };
    });
  const computed = [...expressionsOf(mapping)].map(([name, sql]): Pair => {
    const to = columnNamed(target, name);
    return { column: null, target: to, source: asTarget(`(${sql})`, to) };
  });
  return [...plain, ...computed];
}

function columnNamed(table: TableFacts, name: string, of = name): ColumnFacts {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw new Error(`${table.name} has no column ${name} for ${of}`);
  return column;
}

const fromTarget = ({ target }: Pair): string => `t.${escapeIdentifier(target.name)}`;

/** Where built-in types differ, the value as the target's type reads and writes the text that the source puts out. */
const asTarget = (value: string, { type, builtIn }: ColumnFacts): string =>
  builtIn ? `CAST(${textIfAny(value)} AS ${type})` : value;

const textOf = (table: TableFacts, name: string): string =>
  textIfAny(`t.${escapeIdentifier(columnNamed(table, name).name)}`);

const textIfAny = (value: string): string =>
  `CASE WHEN ${value} IS DISTINCT FROM NULL THEN format('%s', ${value}) END`;

const castsOf = (columns: readonly ColumnFacts[]): string[] =>
  columns.map(({ type }, index) => `CAST(e.c${index} AS ${type})`);

/** As many parameters, each a list of texts. */
function textArrays(count: number): string {
  const places = Array.from({ length: count }, (_, index) => index);
  return `unnest(${places.map((place) => `$${place + 1}::text[]`).join(', ')}) WITH ORDINALITY AS e(${places.map((place) => `c${place}`).join(', ')}, n)`;
}

interface SideParts {
  readonly key: readonly string[];
  readonly columns: readonly string[];
  /** Values of the row that are compared as texts, not by a hash. */
  readonly texts?: string | undefined;
  readonly where?: string | undefined;
}

function statements(table: string, { key, columns, texts, where }: SideParts): SideStatements {
  // OFFSET 0: each hash is computed once, not wherever it is used.
  const hashed = `WITH all_hashed AS (
  SELECT ${hashOf(key)} AS k, ${hashOf(columns)} AS r, ${texts ?? "''"} AS texts FROM ${table} AS t
  ${where === undefined ? '' : `WHERE (${where}) IS TRUE`} OFFSET 0
), hashed AS (
  SELECT * FROM all_hashed WHERE NOT EXISTS (
    SELECT FROM unnest($1::text[]) AS excepted (k) WHERE decode(excepted.k, 'hex') = all_hashed.k)
)`;
  return {
    buckets: `${hashed}
SELECT ${BUCKET} AS bucket, count(*)::integer AS rows, encode(sha256(string_agg(k || r, '' ORDER BY k, r)), 'hex') AS hash
FROM hashed GROUP BY 1`,
    openRows: `DECLARE differences NO SCROLL CURSOR FOR ${hashed}
SELECT encode(k, 'hex') AS key, encode(r, 'hex') AS row, texts FROM hashed WHERE ${BUCKET} = ANY ($2::integer[]) ORDER BY k, r`,
  };
}

const rowText = (columns: readonly string[]): string => `ROW(${columns.join(', ')})::text`;

const hashOf = (columns: readonly string[]): string => `sha256(convert_to(${rowText(columns)}, 'UTF8'))`;
