/**
 * Compares what was moved with where it came from, without anything of Sluice's own: other statements, another hash,
 * and the databases' own drivers. It sees every bit of every value's text, NULL and '' apart.
 */
import type { Client } from 'pg';
import type { MovedTable } from './moved-table';
import { describeTable } from './description';
import { countDifferences, type Differences, type RowSource } from './rows';
import { inSnapshot } from './session';
import { statementsOf, type SideStatements, type Statements } from './statements';

export interface TableJudgement {
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

/** Keys that are not compared, by target table: texts of the key's source columns, in the key's order. */
export type Except = Readonly<Record<string, readonly (readonly string[])[]>>;

/**
 * Compares every mapped table, each side in its own snapshot. Neither side may be written to during the comparison.
 *
 * @param sourceUrl a login that may read the tables past row security, e.g. a superuser
 * @throws Error if a table, a column or a key is not there, or a row function fails
 */
export function judge(
  sourceUrl: string,
  targetUrl: string,
  definition: { readonly tables: readonly MovedTable[] },
  except: Except = {},
): Promise<TableJudgement[]> {
  return inSnapshot(sourceUrl, (source) =>
    inSnapshot(targetUrl, async (target) => {
      const judgements: TableJudgement[] = [];
      for (const mapping of definition.tables)
        judgements.push(await judgeTable(source, target, mapping, except[mapping.target] ?? []));
      return judgements;
    }),
  );
}

async function judgeTable(
  source: Client,
  target: Client,
  mapping: MovedTable,
  keys: readonly (readonly string[])[],
): Promise<TableJudgement> {
  const [from, to] = await Promise.all([
    describeTable(source, mapping.source),
    describeTable(target, mapping.target),
  ]);
  const statements = statementsOf(mapping, from, to);
  const except = await hashesOf(target, statements.hashKeys, keys);
  const [sourceBuckets, targetBuckets] = await Promise.all([
    readBuckets(source, statements.source, except),
    readBuckets(target, statements.target, except),
  ]);
  // Results of a row function are in no hash, so every row is read.
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
            ...translation(mapping, target, statements),
          },
          { client: target, openRows: statements.target.openRows },
          except,
          suspects,
        );
  return {
    table: mapping.target,
    sourceRows: countRows(sourceBuckets),
    targetRows: countRows(targetBuckets),
    ...differences,
  };
}

/** Applies the row function to source values and formats the results as the target does. */
function translation(
  { rowFunction }: MovedTable,
  target: Client,
  { readGiven }: Statements,
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
      const { rows } = await target.query<{ texts: string }>(readGiven, columns);
      return rows.map(({ texts }) => texts);
    },
  };
}

async function hashesOf(
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
  except: readonly string[],
): Promise<Map<number, Bucket>> {
  const { rows } = await client.query<Bucket>(buckets, [except]);
  return new Map(rows.map((row) => [row.bucket, row]));
}

function unequalBuckets(source: ReadonlyMap<number, Bucket>, target: ReadonlyMap<number, Bucket>): number[] {
  const all = new Set([...source.keys(), ...target.keys()]);
  return [...all].filter((bucket) => source.get(bucket)?.hash !== target.get(bucket)?.hash);
}

const countRows = (buckets: ReadonlyMap<number, Bucket>): number =>
  [...buckets.values()].reduce((sum, { rows }) => sum + rows, 0);
