import type { Stage } from '../contract/lifecycle';
import type { Run } from '../contract/payloads';
import type { Direction, Side } from '../contract/sides';
import type { Writes } from '../contract/writes';
import type { Definition } from './definition/definition';
import type { FrozenDefinition } from './definition/frozen-definition';
import type { Overrides } from './definition/setting-bounds';
import type { Assessment } from './errors';
import type { Layout } from './layout';
import type {
  Chunk,
  ChunkRecord,
  Comparison,
  DefinitionRef,
  Digest,
  GenerationStart,
  JournalEntry,
  MigrationRecord,
  PartitionRecord,
  RowProblem,
  SeenWrites,
  Status,
  TableRecord,
  TextRef,
} from './ledger';
import { flowOf, type Flow } from './flow';
import type { Ends } from './ends';
import type { ChunkLedger, Clock, RefusalOf } from './ports';

type ChunkId = Omit<Chunk, 'token'>;

export interface PartitionId {
  readonly migration: string;
  readonly generation: number;
  readonly table: string;
  readonly partition: number;
}

/** The ledger as used by the stages. Every write is conditional; every read is consistent. */
export interface Control {
  /** Random id of this control plane; the first call creates it with the control table's first item. */
  owner(): Promise<string>;
  record(migration: string): Promise<MigrationRecord | null>;
  recordOrFail(migration: string): Promise<MigrationRecord>;
  /** Creates the record with its first generation, whose direction is forward. */
  create(migration: string, execution: string, start: GenerationStart): Promise<boolean>;
  takeOver(
    seen: MigrationRecord,
    execution: string,
    changes?: Partial<Omit<MigrationRecord, 'migration'>>,
  ): Promise<MigrationRecord>;
  /** Conditional on the value of `writes`, so that work done under one fence does not count under another. */
  finishStage(migration: string, generation: number, stage: Stage, writes?: Writes): Promise<void>;
  nextEpoch(migration: string): Promise<number>;
  /**
   * Decides the next cutover attempt in the generation's direction and reserves its epochs. Null if the record has
   * changed since it was read.
   */
  intendCutover(seen: MigrationRecord): Promise<MigrationRecord | null>;
  /**
   * Decides the abort of the generation that was seen, and reserves its epochs. Null if the record's generation, status, writes,
   * run or epoch has changed since.
   */
  decideAbort(seen: MigrationRecord, reason: string): Promise<MigrationRecord | null>;
  /** Changes live settings. Null if the generation, or an earlier change, is no longer the one that was seen. */
  override(seen: MigrationRecord, overrides: Overrides): Promise<MigrationRecord | null>;
  recordWave(migration: string, found: string): Promise<number>;
  /** The same for a call that waits. `waits`: number of consecutive waits, whatever they found. */
  recordWait(migration: string, found: string): Promise<{ readonly times: number; readonly waits: number }>;
  recordRound(migration: string): Promise<number>;
  /** The compare-and-set by which fence, flip, cancel and abort compete; it is conditional on the record that the caller read. */
  setWrites(
    seen: SeenWrites,
    to: Writes,
    during: readonly Status[],
    changes?: Record<string, unknown>,
  ): Promise<boolean>;
  /** Changes a running migration's record. False if its stage, `writes` or owning execution has changed since the caller read it. */
  changeUnchanged(seen: MigrationRecord, changes: Partial<MigrationRecord>): Promise<boolean>;
  /**
   * Puts a running migration on hold; from then on no stage is finished and no cutover starts. The owning execution stays in the
   * record. False if its stage, `writes` or owning execution has changed since the caller read it.
   */
  hold(seen: MigrationRecord, reason: string): Promise<boolean>;
  release(migration: string, execution: string, status: Status, reason: string | null): Promise<boolean>;
  /** Completes the abort that was decided under this epoch. */
  setAborted(migration: string, generation: number, abortEpoch: number): Promise<void>;
  /** Makes an execution of `Sync` the one that keeps the target in sync, replacing the one in the record that the caller read. */
  claimSync(seen: MigrationRecord, execution: string): Promise<boolean>;
  /** Records that changes may be missing; the first reason stays. False if nothing was recorded. */
  recordCaptureLoss(
    migration: string,
    generation: number,
    direction: Direction,
    why: string,
  ): Promise<boolean>;
  setRoute(migration: string, side: Side, epoch: number): Promise<void>;
  /** Frozen definitions, stored by their content. */
  readonly definitions: {
    store(migration: string, definition: FrozenDefinition): Promise<DefinitionRef>;
    /** @throws InconsistentLedger if a part is missing or was changed */
    read(migration: string, ref: DefinitionRef): Promise<FrozenDefinition>;
  };
  /** Problems of errors that are reported in part, stored by their content. */
  readonly failures: {
    store(migration: string, entries: readonly string[]): Promise<TextRef>;
    read(record: Pick<MigrationRecord, 'migration' | 'failure'>): Promise<readonly string[]>;
  };
  readonly chunks: ChunkLedger & {
    /** `closed`: chunks that no copier may claim. */
    plan(
      migration: string,
      generation: number,
      record: TableRecord,
      closed?: readonly number[],
    ): Promise<void>;
    table(migration: string, generation: number, table: string): Promise<TableRecord | null>;
    tables(migration: string, generation: number): Promise<TableRecord[]>;
    list(migration: string, generation: number): Promise<ChunkRecord[]>;
    claim(id: ChunkId): Promise<{ chunk: Chunk; record: ChunkRecord } | null>;
    fail(chunk: Chunk, failure: string): Promise<void>;
    startComparison(id: ChunkId): Promise<void>;
    compared(
      id: ChunkId,
      comparison: Comparison,
      digests: Readonly<Record<Side, Digest>>,
      orphans: number,
      equalAt?: number | null,
    ): Promise<void>;
    compareAgain(id: ChunkId): Promise<void>;
    reopen(id: ChunkId, attempt: { reopened: number; recopied: boolean }): Promise<boolean>;
    forgive(id: ChunkId): Promise<void>;
  };
  readonly partitions: {
    /** A new claim increments the token; the first one creates the partition's record. */
    claim(id: PartitionId): Promise<PartitionRecord>;
    /** The end of a pass. Conditional on the token. @throws FencedOut */
    passed(
      id: PartitionId,
      token: number,
      pass: Omit<PartitionRecord, 'table' | 'partition' | 'token'>,
    ): Promise<void>;
    list(migration: string, generation: number): Promise<PartitionRecord[]>;
    /** Replaces the recorded rows that the target refuses. */
    reportRefused(id: PartitionId, problems: readonly RowProblem[]): Promise<void>;
  };
  readonly journal: {
    append(
      migration: string,
      generation: number,
      event: string,
      evidence?: Readonly<Record<string, unknown>>,
    ): Promise<void>;
    last(migration: string, limit: number): Promise<JournalEntry[]>;
  };
}

/** A mapped table as described by both databases. */
export interface PlannedTable {
  /** Target table as written in the definition. */
  readonly table: string;
  readonly layout: Layout;
  /** Heap size of the source table, in bytes; the size of a sample depends on it. */
  readonly heapBytes: number;
  readonly rowsPerChunk: number;
}

/** Everything that a stage acts on, for one migration. Created per invocation; its parts connect on first use. */
export interface World {
  /** As frozen when the generation started, with the settings that were changed since. */
  readonly definition: Definition;
  readonly control: Control;
  readonly clock: Clock;
  readonly ends: Ends;
  readonly refusalOf: RefusalOf;
  /** Checks both ends. Changes nothing. */
  assess(): Promise<Assessment>;
  /** Text of the files that create a side's tables, in order; empty for a side whose tables already exist. */
  schemaFiles(side: Side): Promise<readonly string[]>;
  /**
   * The mapped tables with their layouts for a direction, as both ends currently describe them.
   * @throws InvalidDefinition for `reverse`, if a mapping has no inverse
   */
  describe(direction: Direction): Promise<readonly PlannedTable[]>;
  /** Whether an execution is running; eventually consistent. */
  isRunning(execution: string): Promise<boolean>;
  /** Stops an execution; does nothing if it has ended. */
  stop(execution: string, cause: string): Promise<void>;
}

/** The world of a worker, with the ends in the roles of its generation. */
export interface FlowContext extends World {
  readonly flow: Flow;
}

/** The input of every stage function. */
export interface StageContext extends FlowContext {
  readonly run: Run;
}

export const contextOf = (world: World, run: Run): StageContext => ({
  ...world,
  run,
  flow: flowOf(world.ends, run.direction),
});
