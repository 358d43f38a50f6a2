import { escapeIdentifier } from 'pg';
import type { ColumnFacts, TableFacts } from './description';
import type { MovedTable } from './moved-table';

/** What one side of a mapping is hashed from. */
export interface SideStatements {
  /** `bucket`, `rows`, `hash` for every bucket of keys that is not empty. */
  readonly buckets: string;
  /** `key`, `row` (hashes, hexadecimal) of the buckets in $1, in the order of both, from a cursor `differences`. */
  readonly openRows: string;
}

/** First 12 bits of the key's hash: few enough to send them all, many enough to look at little when a bucket differs. */
const BUCKET = '(get_byte(k, 0) << 4) | (get_byte(k, 1) >> 4)';

interface Pair {
  readonly source: ColumnFacts;
  readonly target: ColumnFacts;
}

/**
 * The same statements for both sides, over hashes of each row's text as its record's output writes it, which tells NULL
 * from '' and keeps padding.
 * @throws Error if a column or the key is missing on a side
 */
export function statementsOf(
  mapping: MovedTable,
  source: TableFacts,
  target: TableFacts,
): { source: SideStatements; target: SideStatements } {
  const pairs = pairsOf(mapping, source, target);
  const keyNames = mapping.key ?? source.primaryKey;
  const key = keyNames.map((name) => pairs.find((pair) => pair.source.name === name));
  const known = key.filter((pair) => pair !== undefined);
  if (known.length === 0 || known.length < key.length)
    throw new Error(`${mapping.source} has no key that the judge could match rows by; declare one`);
  return {
    source: statements(source.name, known.map(fromSource), pairs.map(fromSource)),
    target: statements(target.name, known.map(fromTarget), pairs.map(fromTarget)),
  };
}

function pairsOf(mapping: MovedTable, source: TableFacts, target: TableFacts): Pair[] {
  const renamed = new Map(Object.entries(mapping.columns).map(([to, from]) => [from, to]));
  return source.columns
    .filter(({ name }) => !mapping.omit.includes(name))
    .map((column) => {
      const name = renamed.get(column.name) ?? column.name;
      const counterpart = target.columns.find((candidate) => candidate.name === name);
      if (counterpart === undefined)
        throw new Error(`${target.name} has no column ${name} for ${source.name}.${column.name}`);
      return { source: column, target: counterpart };
    });
}

const fromTarget = ({ target }: Pair): string => `t.${escapeIdentifier(target.name)}`;

/** Where built-in types differ, the value as the target's type reads and writes the text that the source puts out. */
function fromSource({ source, target }: Pair): string {
  const value = `t.${escapeIdentifier(source.name)}`;
  if (source.type === target.type || !target.builtIn) return value;
  return `CAST(CASE WHEN ${value} IS DISTINCT FROM NULL THEN format('%s', ${value}) END AS ${target.type})`;
}

function statements(table: string, key: readonly string[], columns: readonly string[]): SideStatements {
  // OFFSET 0: each hash is computed once, not wherever it is used.
  const hashed = `WITH hashed AS (
  SELECT ${hashOf(key)} AS k, ${hashOf(columns)} AS r FROM ${table} AS t OFFSET 0
)`;
  return {
    buckets: `${hashed}
SELECT ${BUCKET} AS bucket, count(*)::integer AS rows, encode(sha256(string_agg(k || r, '' ORDER BY k, r)), 'hex') AS hash
FROM hashed GROUP BY 1`,
    openRows: `DECLARE differences NO SCROLL CURSOR FOR ${hashed}
SELECT encode(k, 'hex') AS key, encode(r, 'hex') AS row FROM hashed WHERE ${BUCKET} = ANY ($1::integer[]) ORDER BY k, r`,
  };
}

const hashOf = (columns: readonly string[]): string =>
  `sha256(convert_to(ROW(${columns.join(', ')})::text, 'UTF8'))`;
