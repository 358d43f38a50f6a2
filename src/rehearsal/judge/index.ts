/**
 * Compares the moved rows with their source rows, and shares no code with Sluice: its statements and its hash are its
 * own. It compares the complete text of every value, and distinguishes NULL from ''.
 */
import type { Client } from 'pg';
import type { MovedTable } from './moved-table';
import { describeTable } from './description';
import { countDifferences, type Differences, type RowSource } from './rows';
import { inSnapshot } from './session';
import { statementsOf, type SideStatements, type Statements } from './statements';

export interface TableComparison {
  /** The target's table, as the definition writes it. */
  readonly table: string;
  readonly sourceRows: number;
  readonly targetRows: number;
  /** Keys of the source that the target lacks. */
  readonly missing: number;
  /** Keys of the target that the source lacks. */
  readonly extra: number;
  /** Keys on both sides whose rows differ in any column. */
  readonly different: number;
}

interface Bucket {
  readonly bucket: number;
  readonly rows: number;
  readonly hash: string;
}

/** Keys to exclude from the comparison, by target table: texts of the key's source columns, in the key's order. */
export type ExcludedKeys = Readonly<Record<string, readonly (readonly string[])[]>>;

/**
 * Compares every mapped table. Each side is read in a separate snapshot, so no application may write during the
 * comparison.
 *
 * @param sourceUrl a login that may read the tables past row security, e.g. a superuser
 * @throws Error if a table, a column or a key does not exist, or a row function fails
 */
export function judge(
  sourceUrl: string,
  targetUrl: string,
  definition: { readonly tables: readonly MovedTable[] },
  excludedKeys: ExcludedKeys = {},
): Promise<TableComparison[]> {
  return inSnapshot(sourceUrl, (source) =>
    inSnapshot(targetUrl, async (target) => {
      const comparisons: TableComparison[] = [];
      for (const mapping of definition.tables)
        comparisons.push(await compareTable(source, target, mapping, excludedKeys[mapping.target] ?? []));
      return comparisons;
    }),
  );
}

async function compareTable(
  source: Client,
  target: Client,
  mapping: MovedTable,
  keys: readonly (readonly string[])[],
): Promise<TableComparison> {
  const [from, to] = await Promise.all([
    describeTable(source, mapping.source),
    describeTable(target, mapping.target),
  ]);
  const statements = statementsOf(mapping, from, to);
  const excluded = await hashKeys(target, statements.hashKeys, keys);
  const [sourceBuckets, targetBuckets] = await Promise.all([
    readBuckets(source, statements.source, excluded),
    readBuckets(target, statements.target, excluded),
  ]);
  // The hashes do not cover the results of a row function, so its tables are compared row by row.
  const suspects =
    mapping.rowFunction === undefined
      ? unequalBuckets(sourceBuckets, targetBuckets)
      : [...new Set([...sourceBuckets.keys(), ...targetBuckets.keys()])];
  const differences: Differences =
    suspects.length === 0
      ? { missing: 0, extra: 0, different: 0 }
      : await countDifferences(
          {
            client: source,
            openRows: statements.source.openRows,
            ...rowFunctionTranslation(mapping, target, statements),
          },
          { client: target, openRows: statements.target.openRows },
          excluded,
          suspects,
        );
  return {
    table: mapping.target,
    sourceRows: countRows(sourceBuckets),
    targetRows: countRows(targetBuckets),
    ...differences,
  };
}

/** Applies the row function to source rows, and returns the text that the target must hold. */
function rowFunctionTranslation(
  { rowFunction }: MovedTable,
  target: Client,
  { formatGiven }: Statements,
): Pick<RowSource, 'translate'> {
  if (rowFunction === undefined) return {};
  const { reads, writes, apply } = rowFunction;
  return {
    translate: async (texts) => {
      const given = texts.map((text) => {
        const values = JSON.parse(text) as (string | null)[];
        return apply(Object.fromEntries(reads.map((name, index) => [name, values[index] ?? null])));
      });
      const columns = writes.map((name) => given.map((row) => row[name] ?? null));
      const { rows } = await target.query<{ compared: string }>(formatGiven, columns);
      return rows.map(({ compared }) => compared);
    },
  };
}

async function hashKeys(
  target: Client,
  hashKeys: string,
  keys: readonly (readonly string[])[],
): Promise<string[]> {
  const width = keys[0]?.length ?? 0;
  if (width === 0) return [];
  const columns = Array.from({ length: width }, (_, index) => keys.map((key) => key[index]));
  return (await target.query<{ key: string }>(hashKeys, columns)).rows.map(({ key }) => key);
}

async function readBuckets(
  client: Client,
  { buckets }: SideStatements,
  excluded: readonly string[],
): Promise<Map<number, Bucket>> {
  const { rows } = await client.query<Bucket>(buckets, [excluded]);
  return new Map(rows.map((row) => [row.bucket, row]));
}

function unequalBuckets(source: ReadonlyMap<number, Bucket>, target: ReadonlyMap<number, Bucket>): number[] {
  const all = new Set([...source.keys(), ...target.keys()]);
  return [...all].filter((bucket) => source.get(bucket)?.hash !== target.get(bucket)?.hash);
}

const countRows = (buckets: ReadonlyMap<number, Bucket>): number =>
  [...buckets.values()].reduce((sum, { rows }) => sum + rows, 0);
