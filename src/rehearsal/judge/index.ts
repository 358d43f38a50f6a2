/**
 * Compares what was moved with where it came from, without anything of Sluice's own: other statements, another hash,
 * and the databases' own drivers. It sees every bit of every value's text, NULL and '' apart.
 */
import type { Client } from 'pg';
import type { MovedTable } from './moved-table';
import { describeTable } from './description';
import { countDifferences, type Differences } from './rows';
import { inSnapshot } from './session';
import { statementsOf, type SideStatements } from './statements';

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

/**
 * Compares every mapped table, each side in one snapshot of its own: let nobody write meanwhile.
 *
 * @param sourceUrl a login that may read the tables past row security, e.g. a superuser
 * @throws Error if a table, a column or a key is not there
 */
export function judge(
  sourceUrl: string,
  targetUrl: string,
  definition: { readonly tables: readonly MovedTable[] },
): Promise<TableJudgement[]> {
  return inSnapshot(sourceUrl, (source) =>
    inSnapshot(targetUrl, async (target) => {
      const judgements: TableJudgement[] = [];
      for (const mapping of definition.tables) judgements.push(await judgeTable(source, target, mapping));
      return judgements;
    }),
  );
}

async function judgeTable(source: Client, target: Client, mapping: MovedTable): Promise<TableJudgement> {
  const [from, to] = await Promise.all([
    describeTable(source, mapping.source),
    describeTable(target, mapping.target),
  ]);
  const statements = statementsOf(mapping, from, to);
  const [sourceBuckets, targetBuckets] = await Promise.all([
    readBuckets(source, statements.source),
    readBuckets(target, statements.target),
  ]);
  const unequal = unequalBuckets(sourceBuckets, targetBuckets);
  const differences: Differences =
    unequal.length === 0
      ? { missing: 0, extra: 0, different: 0 }
      : await countDifferences(
          { client: source, openRows: statements.source.openRows },
          { client: target, openRows: statements.target.openRows },
          unequal,
        );
  return {
    table: mapping.target,
    sourceRows: countRows(sourceBuckets),
    targetRows: countRows(targetBuckets),
    ...differences,
  };
}

async function readBuckets(client: Client, { buckets }: SideStatements): Promise<Map<number, Bucket>> {
  const { rows } = await client.query<Bucket>(buckets);
  return new Map(rows.map((row) => [row.bucket, row]));
}

function unequalBuckets(source: ReadonlyMap<number, Bucket>, target: ReadonlyMap<number, Bucket>): number[] {
  const all = new Set([...source.keys(), ...target.keys()]);
  return [...all].filter((bucket) => source.get(bucket)?.hash !== target.get(bucket)?.hash);
}

const countRows = (buckets: ReadonlyMap<number, Bucket>): number =>
  [...buckets.values()].reduce((sum, { rows }) => sum + rows, 0);
