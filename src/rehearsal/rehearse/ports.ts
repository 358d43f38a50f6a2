/** Interfaces that the caller of a rehearsal implements: definitions, the operator, output and time. */
import type { LoginSecrets } from '../../contract/logins';
import type { Shape, Stage } from '../../contract/lifecycle';
import type { MovedTable } from '../judge/moved-table';
import type { SyncProgress } from '../screen/progress';

export interface Endpoint extends LoginSecrets {
  readonly clusterArn: string;
  readonly database: string;
}

/** The part of a definition that a rehearsal uses. */
export interface RehearsedMigration {
  readonly name: string;
  readonly shape: Shape;
  readonly source: Readonly<Record<string, Endpoint>>;
  readonly target: Readonly<Record<string, Endpoint>>;
  readonly tables: readonly MovedTable[];
}

interface TableDigest {
  readonly rows: number;
  readonly checksum: string;
}

/** The part of the ledger that a rehearsal reads. */
export interface LedgerReport {
  readonly record: {
    readonly migration: string;
    /** Code version that the migration runs. */
    readonly code: string;
    readonly shape: Shape;
    readonly status: string;
    /** Last finished stage. */
    readonly stage: Stage | null;
    readonly writes: string;
    readonly generation: number;
    readonly reason: string | null;
    /** Findings of preflight that do not stop the migration. */
    readonly notices?: { readonly shown: readonly string[] } | null;
  };
  readonly tables: readonly {
    readonly table: string;
    readonly chunks: number;
    readonly chunksClosed: number;
    readonly chunksEqual: number;
    readonly chunksUnequal: number;
    readonly rowsEstimated: number;
    readonly rowsCopied: number;
    readonly skipped: number;
    readonly source: TableDigest;
    readonly target: TableDigest;
  }[];
  /** Progress of the appliers; null for a shape without them. */
  readonly sync: SyncProgress | null;
  /** The last entries of the journal, oldest first. */
  readonly journal: readonly JournalEntry[];
}

/** The part of a journal entry that the timings and the reasons of ignored calls use. */
export interface JournalEntry {
  /** ISO 8601. */
  readonly at: string;
  readonly event: string;
  readonly evidence?: Readonly<Record<string, unknown>>;
}

export interface ExecutionState {
  readonly status: string;
  /** Null unless the execution succeeded. */
  readonly output?: string | null;
  readonly error: string | null;
  readonly cause: string | null;
}

/** An event of an execution's history, as Step Functions returns it. */
export interface HistoryEvent {
  readonly timestamp?: Date | undefined;
  readonly type?: string | undefined;
  readonly stateEnteredEventDetails?: { readonly name?: string | undefined } | undefined;
}

/** The operations of `npx sluice start`, `resume`, `abort`, `set` and `status`. */
export interface Operator {
  /** Starts the deployed code. */
  startMigration(input: { readonly migration: string }): Promise<string>;
  /** Starts the code that the migration records. */
  resumeMigration(record: Pick<LedgerReport['record'], 'migration' | 'code'>): Promise<string>;
  startAbort(input: {
    readonly migration: string;
    readonly generation: number;
    readonly reason: string;
  }): Promise<string>;
  /** Changes live settings of the running generation. */
  changeSettings(
    migration: string,
    requested: readonly { readonly name: string; readonly value: string }[],
  ): Promise<unknown>;
  /** Null if the execution is not known. */
  describe(executionArn: string): Promise<ExecutionState | null>;
  history(executionArn: string): Promise<readonly HistoryEvent[]>;
  /** Null if the migration was never started. */
  report(migration: string): Promise<LedgerReport | null>;
}

export interface Ports {
  /**
   * @param variables that point SDK clients at the engine
   * @param environment of the deployment. @default the rehearsed one
   */
  operatorOf(variables: Readonly<Record<string, string>>, environment?: string): Operator;
  /** Returns the definition in `migrations/<name>.ts`. @throws Error if it does not exist */
  loadMigration(name: string): RehearsedMigration;
  /** Prints a line of progress. */
  note(line: string): void;
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Aborted when the user interrupts the command. */
  readonly interrupted: AbortSignal;
}
