import { FencedOut } from '../../core/errors';
import type { PartitionRecord, RowProblem } from '../../core/ledger';
import type { PartitionId } from '../../core/world';
import { padded, withoutKey, type Item, type Items } from './items';
import { problemPrefix } from './problems';

const partitionKey = ({ generation, table, partition }: Omit<PartitionId, 'migration'>): string =>
  `partition#${padded(generation)}#${table}#${padded(partition)}`;

/** Problems of a partition are stored among those of the table's chunks, under a name that no chunk has. */
const problemsOf = ({ generation, table, partition }: PartitionId): string =>
  problemPrefix(generation, table, `apply-${padded(partition)}`);

const UNSERVED = {
  passedAt: null,
  lagMs: 0,
  pending: 0,
  applied: 0,
  retries: 0,
  refused: 0,
} satisfies Omit<PartitionRecord, 'table' | 'partition' | 'token'>;

/** Stores the appliers' partitions: the claim on each, and its progress. */
export class PartitionTable {
  constructor(private readonly items: Items) {}

  /** Claims a partition by raising its token. Its counts stay. */
  async claim(id: PartitionId): Promise<PartitionRecord> {
    const first = { table: id.table, partition: id.partition, ...UNSERVED };
    const names = Object.keys(first);
    const item = await this.items.update(id.migration, partitionKey(id), {
      UpdateExpression: `SET ${names.map((name) => `#${name} = if_not_exists(#${name}, :${name})`).join(', ')} ADD #token :one`,
      ExpressionAttributeNames: Object.fromEntries([...names, 'token'].map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: {
        ...Object.fromEntries(Object.entries(first).map(([name, value]) => [`:${name}`, value])),
        ':one': 1,
      },
    });
    return partitionOf(item!);
  }

  async passed(
    id: PartitionId,
    token: number,
    pass: Omit<PartitionRecord, 'table' | 'partition' | 'token'>,
  ): Promise<void> {
    const set = await this.items.set(id.migration, partitionKey(id), { ...pass, token }, '#token = :token');
    if (!set)
      throw new FencedOut(`claim ${token} of partition ${id.table}/${id.partition} is not the latest`);
  }

  async list(migration: string, generation: number): Promise<PartitionRecord[]> {
    return (await this.items.query(migration, `partition#${padded(generation)}#`)).map(partitionOf);
  }

  async reportRefused(id: PartitionId, problems: readonly RowProblem[]): Promise<void> {
    const prefix = problemsOf(id);
    const keyOf = ({ hashedKey }: RowProblem) => prefix + hashedKey;
    const wanted = new Map(problems.map((problem) => [keyOf(problem), problem]));
    for (const { sk } of await this.items.query(id.migration, prefix)) {
      if (!wanted.has(String(sk))) await this.items.removeAll(id.migration, String(sk));
    }
    for (const [key, problem] of wanted) {
      await this.items.create(id.migration, key, { ...problem });
    }
  }
}

const partitionOf = (item: Item): PartitionRecord => withoutKey(item) as unknown as PartitionRecord;
