import type { Shape, Stage } from '../contract/lifecycle';
import type { Run } from '../contract/payloads';
import type { Direction, Side } from '../contract/sides';
import type { Writes } from '../contract/writes';
import type { Definition } from './definition/definition';
import type { Problem } from './errors';
import type { Layout } from './layout';
import type {
  Chunk,
  ChunkRecord,
  Comparison,
  Digest,
  JournalEntry,
  MigrationRecord,
  PartitionRecord,
  RowProblem,
  SeenWrites,
  Status,
  TableRecord,
} from './ledger';
import { flowOf, type Flow } from './flow';
import type { ChunkLedger, Clock, Ends, RefusalOf } from './ports';

type ChunkId = Omit<Chunk, 'token'>;

export interface PartitionId {
  readonly migration: string;
  readonly generation: number;
  readonly table: string;
  readonly partition: number;
}

/** The ledger, as the stages use it. Every write is conditional; every read is consistent. */
export interface Control {
  record(migration: string): Promise<MigrationRecord | null>;
  recordOrFail(migration: string): Promise<MigrationRecord>;
  /** Of the first generation, which moves forward. */
  create(migration: string, owner: string, shape: Shape): Promise<boolean>;
  takeOver(
    seen: MigrationRecord,
    owner: string,
    changes?: Partial<Omit<MigrationRecord, 'migration'>>,
  ): Promise<void>;
  /** `writes`: what they must be for it to count, so that what was done behind one fence does not count behind another. */
  finishStage(migration: string, generation: number, stage: Stage, writes?: Writes): Promise<void>;
  nextEpoch(migration: string): Promise<number>;
  /**
   * Decides the next cutover attempt, of the generation's direction, and reserves its fence's epoch with it. Null if the
   * record has changed since it was seen.
   */
  intendCutover(seen: MigrationRecord): Promise<MigrationRecord | null>;
  noteWave(migration: string, found: string): Promise<number>;
  /** The same for a call that waits. `waits`: how many did in a row, whatever they found. */
  noteWait(migration: string, found: string): Promise<{ readonly times: number; readonly waits: number }>;
  noteRound(migration: string): Promise<number>;
  /** The compare-and-set on which fence, flip, cancel and abort compete, against the record that the caller saw. */
  setWrites(
    seen: SeenWrites,
    to: Writes,
    during: readonly Status[],
    changes?: Record<string, unknown>,
  ): Promise<boolean>;
  release(migration: string, owner: string, status: Status, reason: string | null): Promise<boolean>;
  setAborted(migration: string, generation: number): Promise<void>;
  /** Makes an execution of `Sync` the one that keeps the target in sync, in the place of the one that was seen there. */
  claimSync(seen: MigrationRecord, execution: string): Promise<boolean>;
  /** Notes that changes may be missing; what was noted first stays. False if there was nothing to note. */
  loseCapture(migration: string, generation: number, direction: Direction, why: string): Promise<boolean>;
  setRoute(migration: string, side: Side, epoch: number): Promise<void>;
  readonly chunks: ChunkLedger & {
    /** `closed`: chunks that are nobody's to copy. */
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
    beginComparison(id: ChunkId): Promise<void>;
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
    /** A new claim: token + 1; the partition's record comes to be with the first. */
    claim(id: PartitionId): Promise<PartitionRecord>;
    /** The end of a pass. Conditional on the token. @throws FencedOut */
    passed(
      id: PartitionId,
      token: number,
      pass: Omit<PartitionRecord, 'table' | 'partition' | 'token'>,
    ): Promise<void>;
    list(migration: string, generation: number): Promise<PartitionRecord[]>;
    /** Replaces what is recorded of the rows that the target refuses. */
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

/** A mapped table with what both databases say of it. */
export interface PlannedTable {
  /** Target table as the definition writes it. */
  readonly table: string;
  readonly layout: Layout;
  /** Size of the heap of the table that is read, in bytes; what a sample is taken of. */
  readonly heapBytes: number;
  readonly rowsPerChunk: number;
}

/** Everything that a stage acts on, for one migration. Created for each invocation; parts connect when they are used. */
export interface World {
  readonly definition: Definition;
  readonly control: Control;
  readonly clock: Clock;
  readonly ends: Ends;
  readonly refusalOf: RefusalOf;
  /** Reads both ends and returns every reason not to begin. Changes nothing. */
  assess(): Promise<readonly Problem[]>;
  /** Text of the files that create a side's tables, in order; empty for a side whose tables already exist. */
  schemaFiles(side: Side): Promise<readonly string[]>;
  /**
   * The mapped tables with their layouts for a direction, as both ends describe them now.
   * @throws InvalidDefinition for `reverse`, if a mapping has no inverse
   */
  describe(direction: Direction): Promise<readonly PlannedTable[]>;
  /** Whether an execution still runs; eventually consistent. */
  isRunning(execution: string): Promise<boolean>;
}

/** The world of a worker, with the ends in the roles of its generation. */
export interface FlowContext extends World {
  readonly flow: Flow;
}

/** What every stage function is called with. */
export interface StageContext extends FlowContext {
  readonly run: Run;
}

export const contextOf = (world: World, run: Run): StageContext => ({
  ...world,
  run,
  flow: flowOf(world.ends, run.direction),
});
