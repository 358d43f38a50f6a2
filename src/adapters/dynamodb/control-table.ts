import { randomBytes } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { rolesOf, type Direction, type Side } from '../../contract/sides';
import { attemptOf, intendedWrites, recordedWrites, spellingsOf, type Writes } from '../../contract/writes';
import { AlreadyRunning, InconsistentLedger, WrongState } from '../../core/errors';
import { stageIndex, stagesOf, traitsOf, type Shape, type Stage } from '../../contract/lifecycle';
import type { MigrationRecord, MigrationReport, SeenWrites, Status } from '../../core/ledger';
import { progressOf, syncOf } from '../../core/progress';
import { ChunkTable } from './chunk-table';
import { Items, withoutKey, type Item } from './items';
import { Journal } from './journal';
import { PartitionTable } from './partition-table';

const RECORD = 'migration';
const ROUTE = 'route';
const JOURNAL_ENTRIES_SHOWN = 20;

/** The ledger of one environment: the state that every worker reads, and the place where competing outcomes are decided. */
export class ControlTable {
  readonly chunks: ChunkTable;
  readonly partitions: PartitionTable;
  readonly journal: Journal;
  private readonly items: Items;

  constructor(client: DynamoDBDocumentClient, table: string, now: () => number = Date.now) {
    this.items = new Items(client, table);
    this.chunks = new ChunkTable(this.items);
    this.partitions = new PartitionTable(this.items);
    this.journal = new Journal(this.items, now);
  }

  async record(migration: string): Promise<MigrationRecord | null> {
    const item = await this.items.get(migration, RECORD);
    return item ? recordOf(item) : null;
  }

  /** @throws InconsistentLedger if the migration was never started */
  async recordOrFail(migration: string): Promise<MigrationRecord> {
    const record = await this.record(migration);
    if (!record)
      throw new InconsistentLedger(`the control table has no migration ${migration}; start it first`);
    return record;
  }

  /** Creates the record of a new migration. False if it exists. */
  async create(migration: string, owner: string, shape: Shape): Promise<boolean> {
    const record: Omit<MigrationRecord, 'migration'> = {
      generation: 1,
      direction: 'forward',
      shape,
      status: 'running',
      stage: null,
      writes: 'source',
      epoch: 0,
      cutoverAttempts: 0,
      fenceEpoch: null,
      owner,
      reason: null,
      salt: randomBytes(16).toString('hex'),
      wave: null,
      fenceDeadline: null,
      fencesCancelled: 0,
      comparisonRounds: 0,
      sync: null,
      captureLost: null,
    };
    return this.items.create(migration, RECORD, { ...record });
  }

  /**
   * Makes `owner` the migration's execution, in place of the one in `seen`.
   * @throws AlreadyRunning if another execution took over first
   */
  async takeOver(
    seen: MigrationRecord,
    owner: string,
    changes: Partial<Omit<MigrationRecord, 'migration'>> = {},
  ): Promise<void> {
    const taken = await this.items.set(
      seen.migration,
      RECORD,
      {
        ...changes,
        owner,
        status: 'running',
        reason: null,
        wave: null,
        fencesCancelled: 0,
        comparisonRounds: 0,
      },
      '#owner = :seenOwner AND #status = :seenStatus AND #generation = :seenGeneration',
      { seenOwner: seen.owner, seenStatus: seen.status, seenGeneration: seen.generation },
    );
    if (taken) return;
    const now = await this.recordOrFail(seen.migration);
    throw new AlreadyRunning(seen.migration, now.owner ?? 'another execution');
  }

  /**
   * Records that a stage is finished. Stages only advance.
   * @param writes the required value of `writes`: a stage that was finished under one fence is not finished under another
   */
  async finishStage(migration: string, generation: number, stage: Stage, writes?: Writes): Promise<void> {
    for (;;) {
      const record = await this.recordOrFail(migration);
      const { shape } = record;
      if (stageIndex(shape, record.stage) >= stageIndex(shape, stage)) return;
      if (record.status !== 'running' || record.generation !== generation)
        throw new WrongState(`migration ${migration} is no longer running in generation ${generation}`);
      if (writes !== undefined && record.writes !== writes)
        throw new WrongState(
          `writes of migration ${migration} are now ${record.writes}, not ${writes}: stage ${stage} does not count as finished`,
        );
      const set = await this.items.set(
        migration,
        RECORD,
        { stage, ...(stage === stagesOf(shape).at(-1) ? { status: 'done', owner: null } : {}) },
        `#generation = :generation AND #status = :running AND #stage = :seenStage AND ${writesAre(record.writes)}`,
        { generation, running: 'running', seenStage: record.stage, ...spelled(record.writes) },
      );
      if (set) return;
    }
  }

  /** Records the work that a wave found. @returns how many consecutive waves found the same, including this one */
  async noteWave(migration: string, found: string): Promise<number> {
    return (await this.noteFound(migration, found, () => 0)).times;
  }

  /** Records the same for a call that waits. @returns also how many consecutive calls waited, whatever they found */
  noteWait(migration: string, found: string): Promise<{ times: number; waits: number }> {
    return this.noteFound(migration, found, (waits) => waits + 1);
  }

  private async noteFound(migration: string, found: string, waitsAfter: (waits: number) => number) {
    const { wave } = await this.recordOrFail(migration);
    const times = wave?.found === found ? wave.times + 1 : 1;
    const waits = waitsAfter(wave?.waits ?? 0);
    await this.items.set(migration, RECORD, { wave: { found, times, waits } }, '#status = :running', {
      running: 'running',
    });
    return { times, waits };
  }

  /** Counts a round of comparisons while writes continue. @returns the number of rounds, including this one */
  async noteRound(migration: string): Promise<number> {
    const item = await this.items.update(migration, RECORD, {
      UpdateExpression: 'ADD #comparisonRounds :one',
      ConditionExpression: 'attribute_exists(sk)',
      ExpressionAttributeNames: { '#comparisonRounds': 'comparisonRounds' },
      ExpressionAttributeValues: { ':one': 1 },
    });
    return Number(item?.comparisonRounds ?? 0);
  }

  /** Assigns the next epoch of a guard; no two callers get the same. */
  async nextEpoch(migration: string): Promise<number> {
    const item = await this.items.update(migration, RECORD, {
      UpdateExpression: 'ADD #epoch :one',
      ConditionExpression: 'attribute_exists(sk)',
      ExpressionAttributeNames: { '#epoch': 'epoch' },
      ExpressionAttributeValues: { ':one': 1 },
    });
    if (!item)
      throw new InconsistentLedger(`the control table has no migration ${migration}; start it first`);
    return Number(item.epoch);
  }

  /**
   * Decides the next cutover attempt: one update records it in `writes` and reserves the next epoch for its fence. The condition
   * includes the epoch seen, so a late copy of this request never repeats an attempt that was cancelled.
   */
  async intendCutover(seen: MigrationRecord): Promise<MigrationRecord | null> {
    const { migration, generation, direction } = seen;
    const { from } = rolesOf(direction);
    const [cutoverAttempts, epoch] = [seen.cutoverAttempts + 1, seen.epoch + 1];
    const writes = intendedWrites(from, cutoverAttempts);
    const set = await this.items.set(
      migration,
      RECORD,
      { writes, cutoverAttempts, epoch, fenceEpoch: epoch, decision: randomBytes(8).toString('hex') },
      `#generation = :generation AND #status = :running AND #stage = :seenStage AND #epoch = :seenEpoch AND ${writesAre(from)}`,
      { generation, running: 'running', seenStage: seen.stage, seenEpoch: seen.epoch, ...spelled(from) },
    );
    return set && recordOf(set);
  }

  /**
   * Compares and sets `writes`: fence, flip, cancel and abort compete here. False if `writes` has changed since it was seen,
   * another generation has started, or the migration's status is not one of `during`.
   */
  async setWrites(
    { migration, generation, writes: from }: SeenWrites,
    to: Writes,
    during: readonly Status[],
    changes: Item = {},
  ): Promise<boolean> {
    const states = during.map((status, index) => [`during${index}`, status] as const);
    const set = await this.items.set(
      migration,
      RECORD,
      // Of two callers that set the same values, the mark lets only one win, even if the SDK repeats a request.
      { writes: to, ...changes, decision: randomBytes(8).toString('hex') },
      `${writesAre(from)} AND #status IN (${states.map(([name]) => `:${name}`).join(', ')}) AND #generation = :generation`,
      { ...spelled(from), ...Object.fromEntries(states), generation },
    );
    return set !== null;
  }

  /** Ends an execution's ownership. False if it does not own the migration. */
  async release(migration: string, owner: string, status: Status, reason: string | null): Promise<boolean> {
    const set = await this.items.set(
      migration,
      RECORD,
      { owner: null, status, reason },
      '#owner = :seenOwner AND #status = :running',
      { seenOwner: owner, running: 'running' },
    );
    return set !== null;
  }

  /** Completes an abort: the source serves again, and nothing of the generation is left. */
  async setAborted(migration: string, generation: number): Promise<void> {
    const set = await this.items.set(
      migration,
      RECORD,
      { status: 'aborted', writes: 'source', owner: null, stage: null, fenceDeadline: null, sync: null },
      '#generation = :generation AND #status IN (:aborting, :aborted)',
      { generation, aborting: 'aborting', aborted: 'aborted' },
    );
    if (!set) throw new WrongState(`generation ${generation} of migration ${migration} is not being aborted`);
  }

  /** Claims the role of keeping the ends in sync. False if another execution claimed it first, or sync is over. */
  async claimSync(seen: MigrationRecord, execution: string): Promise<boolean> {
    const { migration, generation, direction, sync } = seen;
    const set = await this.items.set(
      migration,
      RECORD,
      { sync: execution },
      '#sync = :seen AND #generation = :generation AND #status IN (:running, :held) AND #writes <> :to',
      { seen: sync, generation, running: 'running', held: 'held', to: rolesOf(direction).to },
    );
    return set !== null;
  }

  /** Records, once, that a capture lost changes. False if a loss is recorded, or during an abort or after the flip. */
  async loseCapture(
    migration: string,
    generation: number,
    direction: Direction,
    why: string,
  ): Promise<boolean> {
    const set = await this.items.set(
      migration,
      RECORD,
      // Of all callers that notice the same loss, the mark lets only one report it.
      { captureLost: why, captureLostMark: randomBytes(8).toString('hex') },
      '#generation = :generation AND #captureLost = :nothing AND #status IN (:running, :held) AND #writes <> :to',
      { generation, nothing: null, running: 'running', held: 'held', to: rolesOf(direction).to },
    );
    return set !== null;
  }

  /** Records for the applications' clients which side serves reads and writes. A newer route stays. */
  async setRoute(migration: string, side: Side, epoch: number): Promise<void> {
    await this.items.set(
      migration,
      ROUTE,
      { reads: side, writes: side, epoch },
      'attribute_not_exists(#epoch) OR #epoch < :epoch',
    );
  }

  /** Reads everything that an operator sees. Null if the migration was never started. */
  async report(migration: string): Promise<MigrationReport | null> {
    const record = await this.record(migration);
    if (!record) return null;
    const [tables, chunks, partitions, problems, journal] = await Promise.all([
      this.chunks.tables(migration, record.generation),
      this.chunks.list(migration, record.generation),
      this.partitions.list(migration, record.generation),
      this.chunks.problems(migration, record.generation),
      this.journal.last(migration, JOURNAL_ENTRIES_SHOWN),
    ]);
    return {
      record,
      tables: progressOf(tables, chunks),
      sync: traitsOf(record.shape).capturesChanges ? syncOf(tables, partitions) : null,
      problems,
      journal,
    };
  }
}

/** Defaults of attributes that records of earlier versions lack. */
const BEFORE_LIVE_SYNC = {
  direction: 'forward',
  shape: 'offline',
  fencesCancelled: 0,
  comparisonRounds: 0,
  sync: null,
  captureLost: null,
} satisfies Partial<MigrationRecord>;

/** Reads a record. Version 0.1 numbered cutover attempts by their fences' epochs and recorded neither separately. */
function recordOf(item: Item): MigrationRecord {
  const own = withoutKey(item) as unknown as Omit<MigrationRecord, 'migration'>;
  const writes = recordedWrites(String(own.writes));
  const before = { cutoverAttempts: own.epoch, fenceEpoch: attemptOf(writes) };
  return { ...BEFORE_LIVE_SYNC, ...before, ...own, writes, migration: String(item.pk) };
}

/** Builds the condition that `writes` has this value, in any spelling of a record; `spelled` returns the condition's values. */
const writesAre = (writes: Writes): string =>
  `#writes IN (${Object.keys(spelled(writes))
    .map((name) => `:${name}`)
    .join(', ')})`;

const spelled = (writes: Writes): Readonly<Record<string, string>> =>
  Object.fromEntries(spellingsOf(writes).map((spelling, index) => [`from${index}`, spelling]));
