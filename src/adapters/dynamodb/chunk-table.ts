import type { Side } from '../../contract/sides';
import { FencedOut } from '../../core/errors';
import type { Chunk, ChunkRecord, Comparison, Digest, RowProblem, TableRecord } from '../../core/ledger';
import type { ChunkLedger, CopyProgress, Refusal } from '../../core/ports';
import { padded, withoutKey, type Item, type Items } from './items';
import { problemPrefix } from './problems';

const tableKey = (generation: number, table = ''): string => `table#${padded(generation)}#${table}`;
const chunkKey = (generation: number, table: string, chunk: number): string =>
  `chunk#${padded(generation)}#${table}#${padded(chunk)}`;
const problemKey = (generation: number, table: string, chunk: number, hash: string): string =>
  problemPrefix(generation, table, padded(chunk)) + hash;

/** Chunks that are created concurrently: each has a condition, which a batch does not support. */
const PLANNED_AT_ONCE = 25;

/** The attributes that reopening a chunk resets. */
const UNCOPIED = {
  state: 'planned',
  stalled: 0,
  pages: 0,
  rows: 0,
  bytes: 0,
  skipped: 0,
  comparison: 'unknown',
  source: null,
  target: null,
  orphans: 0,
  failure: null,
  equalAt: null,
} satisfies Partial<ChunkRecord>;

const UNTOUCHED = {
  ...UNCOPIED,
  token: 0,
  reopened: 0,
  recopied: false,
} satisfies Omit<ChunkRecord, 'table' | 'chunk'>;

type ChunkId = Omit<Chunk, 'token'>;

/** Stores tables, their chunks, and the rows that were left out. */
export class ChunkTable implements ChunkLedger {
  constructor(private readonly items: Items) {}

  /**
   * Writes a table's chunks, then the table, so that a table that exists has all of its chunks. Existing items stay, so that a
   * late planner does not take chunks from their copiers.
   * @param closed chunks that no copier may claim: they are created closed, as if by a first claim
   */
  async plan(
    migration: string,
    generation: number,
    record: TableRecord,
    closed: readonly number[] = [],
  ): Promise<void> {
    const untouched = (chunk: number) =>
      this.items.create(migration, chunkKey(generation, record.table, chunk), {
        table: record.table,
        chunk,
        ...UNTOUCHED,
        ...(closed.includes(chunk) ? { state: 'closed', token: 1 } : {}),
      });
    for (let first = 0; first < record.chunks; first += PLANNED_AT_ONCE) {
      const count = Math.min(PLANNED_AT_ONCE, record.chunks - first);
      await Promise.all(Array.from({ length: count }, (_, index) => untouched(first + index)));
    }
    await this.items.create(migration, tableKey(generation, record.table), {
      ...record,
      layout: JSON.stringify(record.layout),
    });
  }

  async table(migration: string, generation: number, table: string): Promise<TableRecord | null> {
    const item = await this.items.get(migration, tableKey(generation, table));
    return item ? tableOf(item) : null;
  }

  async tables(migration: string, generation: number): Promise<TableRecord[]> {
    return (await this.items.query(migration, tableKey(generation))).map(tableOf);
  }

  async list(migration: string, generation: number): Promise<ChunkRecord[]> {
    return (await this.items.query(migration, `chunk#${padded(generation)}#`)).map(chunkOf);
  }

  async problems(migration: string, generation: number): Promise<RowProblem[]> {
    return (await this.items.query(migration, problemPrefix(generation))).map(
      (item) => withoutKey(item) as unknown as RowProblem,
    );
  }

  /**
   * Claims a chunk by raising its token. Null if the chunk is closed.
   * @throws FencedOut if the chunk does not exist
   */
  async claim(id: ChunkId): Promise<{ chunk: Chunk; record: ChunkRecord } | null> {
    const item = await this.items.update(id.migration, chunkKey(id.generation, id.table, id.chunk), {
      UpdateExpression: 'SET #state = :open ADD #token :one, #stalled :one',
      ConditionExpression: '#state IN (:open, :planned)',
      ExpressionAttributeNames: { '#state': 'state', '#token': 'token', '#stalled': 'stalled' },
      ExpressionAttributeValues: { ':open': 'open', ':planned': 'planned', ':one': 1 },
    });
    if (item) return { chunk: { ...id, token: Number(item.token) }, record: chunkOf(item) };
    const seen = await this.items.get(id.migration, chunkKey(id.generation, id.table, id.chunk));
    if (!seen)
      throw new FencedOut(`chunk ${id.table}#${id.chunk} does not exist in generation ${id.generation}`);
    return null;
  }

  async checkpoint(chunk: Chunk, progress: CopyProgress): Promise<void> {
    await this.underToken(chunk, { ...progress, stalled: 0, failure: null });
  }

  async close(chunk: Chunk, progress: CopyProgress): Promise<void> {
    await this.underToken(chunk, {
      ...progress,
      stalled: 0,
      failure: null,
      state: 'closed',
      comparison: 'unknown',
      equalAt: null,
    });
  }

  async reportRow(chunk: Chunk, hashedKey: string, { sqlState, constraint }: Refusal): Promise<void> {
    const { migration, generation, table } = chunk;
    const problem: RowProblem = { table, chunk: chunk.chunk, hashedKey, sqlState, constraint };
    await this.items.create(migration, problemKey(generation, table, chunk.chunk, hashedKey), { ...problem });
  }

  /** Records why a claim ended without closing its chunk. */
  async fail(chunk: Chunk, failure: string): Promise<void> {
    await this.items.set(
      chunk.migration,
      chunkKey(chunk.generation, chunk.table, chunk.chunk),
      { failure },
      '#token = :token AND #state = :open',
      { token: chunk.token, open: 'open' },
    );
  }

  /** Counts an attempt to compare a chunk, so that attempts that never end are noticed. */
  async startComparison(id: ChunkId): Promise<void> {
    const item = await this.items.update(id.migration, chunkKey(id.generation, id.table, id.chunk), {
      UpdateExpression: 'ADD #stalled :one',
      ConditionExpression: '#state = :closed',
      ExpressionAttributeNames: { '#state': 'state', '#stalled': 'stalled' },
      ExpressionAttributeValues: { ':closed': 'closed', ':one': 1 },
    });
    if (!item) throw new FencedOut(`chunk ${id.table}#${id.chunk} is not closed; it cannot be compared`);
  }

  async compared(
    id: ChunkId,
    comparison: Comparison,
    digests: Readonly<Record<Side, Digest>>,
    orphans: number,
    equalAt: number | null = null,
  ): Promise<void> {
    const set = await this.items.set(
      id.migration,
      chunkKey(id.generation, id.table, id.chunk),
      { comparison, ...digests, orphans, equalAt, stalled: 0 },
      '#state = :closed',
      { closed: 'closed' },
    );
    if (!set) throw new FencedOut(`chunk ${id.table}#${id.chunk} was reopened during its comparison`);
  }

  /** Discards a closed chunk's comparison, because the rows that it was compared with are copied again. */
  async compareAgain(id: ChunkId): Promise<void> {
    await this.items.set(
      id.migration,
      chunkKey(id.generation, id.table, id.chunk),
      { comparison: UNTOUCHED.comparison, equalAt: null, stalled: 0 },
      '#state = :closed',
      { closed: 'closed' },
    );
  }

  /**
   * Reopens a chunk for a newer attempt to copy it, and removes its problems. False if no copier has claimed the chunk since it
   * was planned or reopened.
   */
  async reopen(id: ChunkId, attempt: { reopened: number; recopied: boolean }): Promise<boolean> {
    await this.items.removeAll(id.migration, problemKey(id.generation, id.table, id.chunk, ''));
    const set = await this.items.set(
      id.migration,
      chunkKey(id.generation, id.table, id.chunk),
      { ...UNCOPIED, ...attempt },
      '#state IN (:closed, :open) AND #reopened < :reopened',
      { closed: 'closed', open: 'open' },
    );
    return set !== null;
  }

  /** Forgets earlier failures, so that a resumed migration tries its open chunks again. */
  async forgive(id: ChunkId): Promise<void> {
    await this.items.set(
      id.migration,
      chunkKey(id.generation, id.table, id.chunk),
      { stalled: 0, failure: null, recopied: false },
      'attribute_exists(sk)',
    );
  }

  private async underToken(chunk: Chunk, values: Item): Promise<void> {
    const set = await this.items.set(
      chunk.migration,
      chunkKey(chunk.generation, chunk.table, chunk.chunk),
      // With token and state, the same values from another claim, or from this one before it closed, are not taken for this write.
      { state: 'open', ...values, token: chunk.token },
      '#token = :token AND #state = :open',
      { open: 'open' },
    );
    if (!set)
      throw new FencedOut(
        `claim ${chunk.token} of chunk ${chunk.table}#${chunk.chunk} is not the latest, or is closed`,
      );
  }
}

function tableOf(item: Item): TableRecord {
  return {
    table: String(item.table),
    chunks: Number(item.chunks),
    rowsEstimated: Number(item.rowsEstimated),
    layout: JSON.parse(String(item.layout)) as TableRecord['layout'],
  };
}

const chunkOf = (item: Item): ChunkRecord => withoutKey(item) as unknown as ChunkRecord;
