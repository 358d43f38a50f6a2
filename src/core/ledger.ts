/** The control table's records of a migration: stages, chunks, problems, verdicts. Names, counts and hashes; no keys or rows. */

import type { Shape, Stage } from '../contract/lifecycle';
import type { DeployedCode } from '../contract/payloads';
import type { Direction, Side } from '../contract/sides';
import type { Writes } from '../contract/writes';
import type { Overrides } from './definition/setting-bounds';
import type { Layout } from './layout';

/** `held`: an execution failed, nothing is lost, and `resume` continues. `done`: the target serves writes. */
export type Status = 'running' | 'held' | 'aborting' | 'aborted' | 'done';

/** Refers to a text that is stored in parts under its hash. */
export interface TextRef {
  /** SHA-256 of the text, hexadecimal. */
  readonly hash: string;
  readonly parts: number;
}

/** Refers to a frozen definition. */
export type DefinitionRef = TextRef;

/** Attributes that a generation records when it starts. They stay until it has ended, except that a resume sets `runStartedAt`, and an upgrade the code and its stages. */
export interface GenerationStart extends DeployedCode {
  readonly shape: Shape;
  /** Stages of the shape in the code that runs the generation, in order. */
  readonly stages: readonly string[];
  readonly definition: DefinitionRef;
  /** Version of the functions that it installs in the databases. */
  readonly installed: number;
  /** Start of the owning run's execution, ISO 8601; each resume sets it. */
  readonly runStartedAt: string;
}

/** A field in which the deployed definition differs from the frozen one. */
export interface Difference {
  /** Path in the definition: `throttle.copiersMax`, `tables[shop.t].omit`. */
  readonly path: string;
  /** Value as JSON; null if the field is absent. */
  readonly frozen: string | null;
  readonly deployed: string | null;
}

/** How the deployed definition differed from the frozen one at the last resume. */
export interface DefinitionDifferences {
  readonly count: number;
  /** The first of them. */
  readonly shown: readonly Difference[];
}

export interface MigrationRecord extends GenerationStart {
  readonly migration: string;
  /** Format of the migration's items; {@link RECORD_FORMAT} in every record that is read. */
  readonly format: number;
  /** Id of the control plane that created or adopted the record. A restored copy of the control table has another id. */
  readonly owner: string;
  readonly generation: number;
  /** Fixed for a generation. */
  readonly direction: Direction;
  readonly status: Status;
  /** Last finished stage. */
  readonly stage: Stage | null;
  readonly writes: Writes;
  /** Last epoch used for a guard in either database; it only increases. */
  readonly epoch: number;
  /** Number of cutover attempts over both directions and all generations; the last one's number is in `writes`. */
  readonly cutoverAttempts: number;
  /** First of the epochs that the last cutover attempt reserved, that of its fence; null before the first attempt. */
  readonly fenceEpoch: number | null;
  /** ARN of the owning execution, or null. */
  readonly execution: string | null;
  /** Why the migration is held or aborted. */
  readonly reason: string | null;
  /**
   * Refers to the whole list or text of an error that `reason` contains in part. Absent if it is whole, and from records of
   * earlier code; a resume removes it.
   */
  readonly failure?: TextRef | null;
  /** Settings that were changed since the generation started. */
  readonly overrides: Overrides;
  /** Number of such changes in this generation. */
  readonly overridesRevision: number;
  /** Null: the deployed definition was the frozen one. */
  readonly differences: DefinitionDifferences | null;
  /** First of the epochs that the abort of this generation reserved; null if none was decided. */
  readonly abortEpoch: number | null;
  /** Random salt of the hashes of keys. */
  readonly salt: string;
  /**
   * Result of the last wave or wait, and how many consecutive ones found the same, which means no progress. `waits`: number of
   * consecutive waits, whatever they found.
   */
  readonly wave: { readonly found: string; readonly times: number; readonly waits?: number } | null;
  /** Deadline of the fence by its database's clock; ISO 8601. */
  readonly fenceDeadline: string | null;
  /** Fences of this generation that were cancelled because the cutover exceeded them, since the last resume. */
  readonly fencesCancelled: number;
  /** Rounds of comparison under writes since the last cancelled fence or resume: chunks with hot rows never settle. */
  readonly comparisonRounds: number;
  /**
   * Why the ends are not ready to be fenced, since when, and how many consecutive calls found it; null once they are, and after a
   * resume. Absent from records of earlier code.
   */
  readonly notReady?: {
    readonly since: string;
    readonly checks: number;
    readonly obstacles: readonly string[];
  } | null;
  /** Findings of preflight that do not stop the migration. Absent if there are none, and from records of earlier code. */
  readonly notices?: Notices | null;
  /** Execution of `Sync` that keeps the target in sync, or null. */
  readonly sync: string | null;
  /** Why changes may be missing from the change log, or null. Once set, this generation can only be aborted. */
  readonly captureLost: string | null;
  /** The last adoption of the migration's guards by a person, or null. */
  readonly adoption: Adoption | null;
}

/** Findings for the operator. */
export interface Notices {
  readonly count: number;
  /** The first of them. */
  readonly shown: readonly string[];
}

/** A person's decision that guards belong to this control plane. */
export interface Adoption {
  /** The guards' epoch; everything older is refused. */
  readonly epoch: number;
  /** False until the guards of both ends have it. */
  readonly finished: boolean;
}

/** The values on which a decision about `writes` is conditional. */
export type SeenWrites = Pick<MigrationRecord, 'migration' | 'generation' | 'writes'>;

/** One applier's partition: a hash slice of a table's keys. */
export interface PartitionRecord {
  readonly table: string;
  readonly partition: number;
  /** Number of the last claim; the lease in the target carries the same. */
  readonly token: number;
  /** Instant of the last complete pass over the partition's entries, by the source's clock, ISO 8601; null before the first. */
  readonly passedAt: string | null;
  /** Age of the oldest dirty key that may be applied, in milliseconds, at that pass; 0 if there was none. */
  readonly lagMs: number;
  /** Keys that were dirty at that pass, including those of open chunks. */
  readonly pending: number;
  /** Keys applied since the generation started. */
  readonly applied: number;
  /** Retried writes since the generation started. */
  readonly retries: number;
  /** Keys that the target refuses. */
  readonly refused: number;
}

export type ChunkState = 'planned' | 'open' | 'closed';
export type Comparison = 'unknown' | 'equal' | 'unequal';

/** One side's content of a key range, computed inside that database. */
export interface Digest {
  readonly rows: number;
  /** Order-independent sum over all rows, as decimal text. */
  readonly checksum: string;
}

export interface ChunkRecord {
  readonly table: string;
  readonly chunk: number;
  readonly state: ChunkState;
  /** Number of the last claim; the lease in the target carries the same. */
  readonly token: number;
  /** Claims since the last checkpoint: a chunk without progress is eventually abandoned. */
  readonly stalled: number;
  /** How often the chunk was reopened to be copied again; the lease's `attempt`. */
  readonly reopened: number;
  /** Whether it was reopened because it was unequal, since the last resume: a second time would hide a fault. */
  readonly recopied: boolean;
  readonly pages: number;
  readonly rows: number;
  readonly bytes: number;
  /** Rows that the target refused; they were skipped and reported. */
  readonly skipped: number;
  readonly comparison: Comparison;
  readonly source: Digest | null;
  readonly target: Digest | null;
  /** Rows whose foreign key has no parent, counted by an anti-join in the target. */
  readonly orphans: number;
  /** Name of the error that ended the last claim without progress. */
  readonly failure: string | null;
  /** Shape `cdc`: how often appliers had written to the chunk when it was found equal; null if it was not, or was reopened. */
  readonly equalAt: number | null;
}

export interface TableRecord {
  readonly table: string;
  readonly chunks: number;
  /** Estimated from a sample. */
  readonly rowsEstimated: number;
  readonly layout: Layout;
}

/** A row that the target refused. */
export interface RowProblem {
  readonly table: string;
  /** Null for a row that an applier could not apply. */
  readonly chunk: number | null;
  /** Salted SHA-256 of the key's text, hexadecimal. */
  readonly hashedKey: string;
  readonly sqlState: string | null;
  readonly constraint: string | null;
}

export interface JournalEntry {
  readonly number: number;
  /** ISO 8601. */
  readonly at: string;
  readonly generation: number;
  readonly event: string;
  readonly evidence: Readonly<Record<string, unknown>>;
  /** SHA-256 of the previous entry, hexadecimal; chains the journal. */
  readonly previousHash: string;
  readonly hash: string;
}

export interface TableProgress {
  readonly table: string;
  readonly chunks: number;
  readonly chunksClosed: number;
  readonly chunksEqual: number;
  readonly chunksUnequal: number;
  readonly rowsEstimated: number;
  readonly rowsCopied: number;
  readonly bytesCopied: number;
  readonly skipped: number;
  /** Sums over the chunks compared so far. */
  readonly source: Digest;
  readonly target: Digest;
}

/** Progress of the appliers over all partitions. */
export interface SyncProgress {
  /** Partitions of the tables that are planned. */
  readonly partitions: number;
  /** Oldest of the partitions' last passes, by the source's clock, ISO 8601; null if one never had a pass. */
  readonly passedAt: string | null;
  /** Age of the oldest dirty key that may be applied, in milliseconds, at each partition's last pass. */
  readonly lagMs: number;
  /** Dirty keys, including those of open chunks. */
  readonly pending: number;
  readonly applied: number;
  readonly retries: number;
  /** Keys that the target refuses. */
  readonly refused: number;
}

/** The report for the operator. */
export interface MigrationReport {
  readonly record: MigrationRecord;
  readonly tables: readonly TableProgress[];
  /** Shape `cdc`; null for others. */
  readonly sync: SyncProgress | null;
  readonly problems: readonly RowProblem[];
  /** Problems of the error that `reason` contains in part; none if it is whole. */
  readonly failure: readonly string[];
  /** The last entries of the journal, oldest first. */
  readonly journal: readonly JournalEntry[];
}

/** Names what belongs to one generation. */
export interface GenerationName {
  /** Random id of the control plane, created with its control table. */
  readonly owner: string;
  readonly migration: string;
  readonly generation: number;
}

/** One claim on one chunk. */
export interface Chunk {
  readonly migration: string;
  readonly generation: number;
  readonly table: string;
  readonly chunk: number;
  readonly token: number;
}

/**
 * Prefix of the scopes of all leases of a generation. Leases belong to the receiving side and are in its database. Generations never
 * repeat, so neither does a scope.
 */
export const generationPrefix = ({ owner, migration, generation }: GenerationName, side: Side): string =>
  `${owner}/${migration}/${side}/${generation}/`;

/** Prefix of the scopes of the leases of a table's chunks. */
export const scopePrefix = (of: GenerationName, side: Side, table: string): string =>
  `${generationPrefix(of, side)}${table}/`;

/** Prefix of the scopes of the appliers' leases. */
export const applierPrefix = (of: GenerationName, side: Side): string =>
  `${generationPrefix(of, side)}~apply/`;

export const applierScope = (of: GenerationName, side: Side, table: string, partition: number): string =>
  `${applierPrefix(of, side)}${table}/${partition}`;

export const scopeOf = (
  of: GenerationName,
  side: Side,
  { table, chunk }: Pick<Chunk, 'table' | 'chunk'>,
): string => `${scopePrefix(of, side, table)}${chunk}`;
