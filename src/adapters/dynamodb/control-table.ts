import { randomBytes } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { rolesOf, type Direction, type Side } from '../../contract/sides';
import { RECORD_FORMAT } from '../../contract/versions';
import { ABORTING, intendedWrites, type Writes } from '../../contract/writes';
import { ABORT_EPOCHS } from '../../core/abort/abort-epochs';
import { ATTEMPT_EPOCHS } from '../../core/cutover/attempt-epochs';
import type { Overrides } from '../../core/definition/setting-bounds';
import {
  AlreadyRunning,
  InconsistentLedger,
  TransientFailure,
  UnknownFormat,
  WrongState,
} from '../../core/errors';
import { stageIndex, stagesOf, traitsOf, type Stage } from '../../contract/lifecycle';
import type {
  GenerationStart,
  MigrationRecord,
  MigrationReport,
  SeenWrites,
  Status,
} from '../../core/ledger';
import { progressOf, syncOf } from '../../core/progress';
import { AdoptionTable } from './adoption-table';
import { ChunkTable } from './chunk-table';
import { DefinitionTable } from './definition-table';
import { FailureTable } from './failure-table';
import { Items, withoutKey, type Item } from './items';
import { Journal } from './journal';
import { newRecord, RECORD } from './new-record';
import { PartitionTable } from './partition-table';

/** Partition key of the items that belong to no migration: no migration's name contains a tilde. */
const CONTROL_PLANE = '~control-plane';
const OWNER = 'owner';
const ROUTE = 'route';
const JOURNAL_ENTRIES_SHOWN = 20;

/** The ledger of one environment: the state that every worker reads, and the place where competing outcomes are decided. */
export class ControlTable {
  readonly definitions: DefinitionTable;
  readonly failures: FailureTable;
  readonly chunks: ChunkTable;
  readonly partitions: PartitionTable;
  readonly journal: Journal;
  readonly adoptions: AdoptionTable;
  private readonly items: Items;
  private ownerId: string | undefined;

  constructor(client: DynamoDBDocumentClient, table: string, now: () => number = Date.now) {
    this.items = new Items(client, table);
    this.definitions = new DefinitionTable(this.items);
    this.failures = new FailureTable(this.items);
    this.chunks = new ChunkTable(this.items);
    this.partitions = new PartitionTable(this.items);
    this.journal = new Journal(this.items, now);
    this.adoptions = new AdoptionTable(this.items, () => this.owner());
  }

  async owner(): Promise<string> {
    this.ownerId ??= await this.readOwner();
    return this.ownerId;
  }

  /**
   * A restored copy of the table is a control plane of its own, because the original may still exist.
   * @throws TransientFailure if DynamoDB described an earlier table of this name
   */
  private async readOwner(): Promise<string> {
    const [seen, table] = await Promise.all([this.items.get(CONTROL_PLANE, OWNER), this.items.identity()]);
    if (seen?.tableId === table.tableId) return String(seen.id);
    if (seen !== null && table.createdAt < String(seen.createdAt))
      throw new TransientFailure('DynamoDB described an earlier table of the same name');
    const owner = { id: randomBytes(8).toString('hex'), ...table };
    const isSet =
      seen === null
        ? await this.items.create(CONTROL_PLANE, OWNER, owner)
        : await this.items.set(CONTROL_PLANE, OWNER, owner, '#id = :seenId', { seenId: seen.id });
    return isSet ? owner.id : this.readOwner();
  }

  /** @throws UnknownFormat if another version wrote it */
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
  async create(migration: string, execution: string, start: GenerationStart): Promise<boolean> {
    return this.items.create(migration, RECORD, newRecord(await this.owner(), execution, start));
  }

  /**
   * Makes `execution` the owning execution, in place of the one in `seen`.
   * @throws AlreadyRunning if another execution took over first
   */
  async takeOver(
    seen: MigrationRecord,
    execution: string,
    changes: Partial<Omit<MigrationRecord, 'migration'>> = {},
  ): Promise<MigrationRecord> {
    const taken = await this.items.set(
      seen.migration,
      RECORD,
      {
        ...changes,
        ...{ execution, status: 'running', reason: null, failure: null, wave: null },
        ...{ fencesCancelled: 0, comparisonRounds: 0, notReady: null },
      },
      '#execution = :seenExecution AND #status = :seenStatus AND #generation = :seenGeneration',
      { seenExecution: seen.execution, seenStatus: seen.status, seenGeneration: seen.generation },
    );
    if (taken) return recordOf(taken);
    const now = await this.recordOrFail(seen.migration);
    throw new AlreadyRunning(seen.migration, now.execution ?? 'another execution');
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
        { stage, ...(stage === stagesOf(shape).at(-1) ? { status: 'done', execution: null } : {}) },
        `#generation = :generation AND #status = :running AND #stage = :seenStage AND #writes = :seenWrites`,
        { generation, running: 'running', seenStage: record.stage, seenWrites: record.writes },
      );
      if (set) return;
    }
  }

  /** Records the work that a wave found. @returns how many consecutive waves found the same, including this one */
  async recordWave(migration: string, found: string): Promise<number> {
    return (await this.noteFound(migration, found, () => 0)).times;
  }

  /** Records the same for a call that waits. @returns also how many consecutive calls waited, whatever they found */
  recordWait(migration: string, found: string): Promise<{ times: number; waits: number }> {
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
  async recordRound(migration: string): Promise<number> {
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
   * Decides the next cutover attempt: one update records it in `writes` and reserves the epochs of its guards. The condition
   * includes the epoch seen, so a late copy of this request never repeats an attempt that was cancelled.
   */
  async intendCutover(seen: MigrationRecord): Promise<MigrationRecord | null> {
    const { migration, generation, direction } = seen;
    const { from } = rolesOf(direction);
    const cutoverAttempts = seen.cutoverAttempts + 1;
    const epochs = { epoch: seen.epoch + ATTEMPT_EPOCHS, fenceEpoch: seen.epoch + 1 };
    const writes = intendedWrites(from, cutoverAttempts);
    const set = await this.items.set(
      migration,
      RECORD,
      { writes, cutoverAttempts, ...epochs, decision: randomBytes(8).toString('hex') },
      `#generation = :generation AND #status = :running AND #stage = :seenStage AND #epoch = :seenEpoch AND #writes = :from`,
      { generation, running: 'running', seenStage: seen.stage, seenEpoch: seen.epoch, from },
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
      `#writes = :from AND #status IN (${states.map(([name]) => `:${name}`).join(', ')}) AND #generation = :generation`,
      { from, ...Object.fromEntries(states), generation },
    );
    return set !== null;
  }

  /**
   * Decides the abort of the generation that was seen: one update gives it the writes and reserves its epochs, so that a repeated
   * abort uses the same ones. The condition includes the run seen, because a resume since then is not the one to abort.
   */
  async decideAbort(seen: MigrationRecord, reason: string): Promise<MigrationRecord | null> {
    const { migration, generation, writes, epoch, status, runStartedAt } = seen;
    const set = await this.items.set(
      migration,
      RECORD,
      {
        ...{ writes: ABORTING, status: 'aborting', reason },
        ...{ epoch: epoch + ABORT_EPOCHS, abortEpoch: epoch + 1, decision: randomBytes(8).toString('hex') },
      },
      '#writes = :from AND #status = :seenStatus AND #generation = :generation AND #epoch = :epochSeen AND #runStartedAt = :seenRun',
      { from: writes, seenStatus: status, generation, epochSeen: epoch, seenRun: runStartedAt },
    );
    return set && recordOf(set);
  }

  /** Changes live settings, unless another call has changed them since, or the generation has ended. */
  async override(seen: MigrationRecord, overrides: Overrides): Promise<MigrationRecord | null> {
    const { migration, generation, overridesRevision } = seen;
    const set = await this.items.set(
      migration,
      RECORD,
      {
        overrides: { ...seen.overrides, ...overrides },
        overridesRevision: overridesRevision + 1,
        // Of two callers that set the same values, the mark lets only one win.
        overridesMark: randomBytes(8).toString('hex'),
      },
      '#generation = :generation AND #overridesRevision = :seenRevision AND #status IN (:running, :held) AND #fenceDeadline = :seenDeadline',
      {
        ...{ generation, seenRevision: overridesRevision, running: 'running', held: 'held' },
        seenDeadline: seen.fenceDeadline,
      },
    );
    return set && recordOf(set);
  }

  /** @param reason names the caller, so that of two callers only one succeeds */
  hold(seen: MigrationRecord, reason: string): Promise<boolean> {
    return this.changeUnchanged(seen, { status: 'held', reason });
  }

  async changeUnchanged(seen: MigrationRecord, changes: Partial<MigrationRecord>): Promise<boolean> {
    const { migration, generation, execution, stage, writes } = seen;
    const set = await this.items.set(
      migration,
      RECORD,
      changes,
      `#execution = :seenExecution AND #status = :running AND #generation = :generation AND #stage = :seenStage AND #writes = :seenWrites`,
      { seenExecution: execution, running: 'running', generation, seenStage: stage, seenWrites: writes },
    );
    return set !== null;
  }

  /** Ends an execution's ownership. False if it does not own the migration. */
  async release(
    migration: string,
    execution: string,
    status: Status,
    reason: string | null,
  ): Promise<boolean> {
    const set = await this.items.set(
      migration,
      RECORD,
      { execution: null, status, reason },
      '#execution = :seenExecution AND #status = :running',
      { seenExecution: execution, running: 'running' },
    );
    return set !== null;
  }

  /** Completes an abort: the source serves again, and no item of the generation is left. */
  async setAborted(migration: string, generation: number, abortEpoch: number): Promise<void> {
    const set = await this.items.set(
      migration,
      RECORD,
      { status: 'aborted', writes: 'source', execution: null, stage: null, fenceDeadline: null, sync: null },
      '#generation = :generation AND #abortEpoch = :abortEpoch AND #status IN (:aborting, :aborted)',
      { generation, abortEpoch, aborting: 'aborting', aborted: 'aborted' },
    );
    if (!set)
      throw new WrongState(
        `generation ${generation} of migration ${migration} is not being aborted under epoch ${abortEpoch}`,
      );
  }

  /**
   * Claims the role of keeping the ends in sync. False if another execution claimed it first, if the generation was moved to other
   * code since, or if sync is over.
   */
  async claimSync(seen: MigrationRecord, execution: string): Promise<boolean> {
    const { migration, generation, direction, sync, code } = seen;
    const set = await this.items.set(
      migration,
      RECORD,
      { sync: execution },
      '#sync = :seen AND #code = :code AND #generation = :generation AND #status IN (:running, :held) AND #writes <> :to',
      { seen: sync, code, generation, running: 'running', held: 'held', to: rolesOf(direction).to },
    );
    return set !== null;
  }

  /** Records, once, that a capture lost changes. False if a loss is recorded, or during an abort or after the flip. */
  async recordCaptureLoss(
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
    const [tables, chunks, partitions, problems, failure, journal] = await Promise.all([
      this.chunks.tables(migration, record.generation),
      this.chunks.list(migration, record.generation),
      this.partitions.list(migration, record.generation),
      this.chunks.problems(migration, record.generation),
      this.failures.read(record),
      this.journal.last(migration, JOURNAL_ENTRIES_SHOWN),
    ]);
    return {
      record,
      tables: progressOf(tables, chunks),
      sync: traitsOf(record.shape).capturesChanges ? syncOf(tables, partitions) : null,
      problems,
      failure,
      journal,
    };
  }
}

/** @throws UnknownFormat if another version wrote the record: its attributes may mean something else */
function recordOf(item: Item): MigrationRecord {
  if (item.format !== RECORD_FORMAT) throw new UnknownFormat(String(item.pk), item.format);
  const own = withoutKey(item) as unknown as Omit<MigrationRecord, 'migration'>;
  return { ...own, migration: String(item.pk) };
}
