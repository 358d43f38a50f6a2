/** Payloads of the state machines: names and counts, never row data or keys. */

import type { FunctionName, Shape } from './lifecycle';
import type { Direction } from './sides';

/** A sufficient input of the `Migration` state machine. */
export interface MigrationInput {
  readonly migration: string;
  /** Code that a started generation continues with. @default recorded */
  readonly code?: ContinueWith;
}

/** `recorded`: only the code version in the ledger may continue; `deployed`: the code of this execution replaces it. */
export type ContinueWith = 'recorded' | 'deployed';

/** The code of a deployment, as the state machine `Migration` passes it on. */
export interface DeployedCode {
  /** Hash of the bundle and of the compiled lifecycle. */
  readonly code: string;
  /** ARN of the version of `Sync` that belongs to the same deployment. */
  readonly syncMachine: string;
}

/** Input of the `Abort` state machine. */
export interface AbortInput {
  readonly migration: string;
  /** The generation to abort; the abort of another one changes nothing. */
  readonly generation: number;
  /**
   * Start of the run to abort, ISO 8601: if the migration was resumed since, the abort changes nothing. Empty: whatever runs.
   * @default ''
   */
  readonly runStartedAt?: string;
  /** Why, in the operator's words; goes to the journal. */
  readonly reason: string;
}

/** One execution's claim on one migration; input of every stage function. Only it and the last verdict are passed from state to state. */
export interface Run {
  readonly migration: string;
  /** Number of the plan and its chunks. It only increases, across aborts and re-runs. */
  readonly generation: number;
  /** In which direction the generation moves rows. */
  readonly direction: Direction;
  /** ARN of the execution that owns the migration. */
  readonly execution: string;
  /** Decides which steps the state machine takes. */
  readonly shape: Shape;
  /** Events of the execution's history since its first gate, at most. */
  readonly events: number;
}

/** Fields that a state machine adds to the run for a stage function. */
export interface Attempt {
  /** Retries of this very state so far. */
  readonly retries?: number;
}

/** One item of the map of `Sync`: the applier with this number, of so many, of one generation. */
export interface ApplierItem {
  readonly migration: string;
  readonly generation: number;
  readonly direction: Direction;
  /** ARN of the execution of `Sync` that hands it out. */
  readonly execution: string;
  /** From 0; the partitions are dealt out among the appliers. */
  readonly applier: number;
  readonly appliers: number;
}

/** One item of the `Copy` and `Verify` maps. */
export interface ChunkItem {
  readonly migration: string;
  readonly generation: number;
  readonly direction: Direction;
  /** Target table of the mapping, as the definition writes it; it names the mapping in both directions. */
  readonly table: string;
  /** Position of the chunk within its table, from 0. */
  readonly chunk: number;
}

export type Purpose = 'copy' | 'verify';

/** The chunks that one Map run takes. `empty`: none is left for this purpose. */
export interface Wave {
  readonly verdict: 'wave' | 'empty';
  readonly items: readonly ChunkItem[];
  /** MaxConcurrency of the Map, at least 1: Step Functions reads 0 as 10,000. */
  readonly concurrency: number;
}

/** Input of a round of `Sync`. */
export interface SyncRound {
  readonly migration: string;
  readonly generation: number;
  readonly direction: Direction;
  /** ARN of the execution of `Sync` that this round belongs to. */
  readonly execution: string;
  /** ARN of the execution that started it: `Migration`, or the `Sync` that renewed itself. */
  readonly startedBy: string;
  /** ARN of the version of `Sync` that this execution runs, and renews itself with. */
  readonly syncMachine: string;
  /** Code version of this execution. */
  readonly code: string;
  readonly events: number;
}

/** `renew`: its history is almost full; `idle`: nothing is to be applied now; `over`: sync has ended, or another execution runs it. */
export interface SyncVerdict {
  readonly verdict: 'apply' | 'idle' | 'renew' | 'over';
  readonly items: readonly ApplierItem[];
}

/** Result of a gate that decides by its verdict alone. */
export type Verdict<V extends string> = { readonly verdict: V };

/** Input of each step of an abort. */
export type AbortRequest = Required<AbortInput> & { readonly execution: string };

/** Result of an abort, in the output of its execution. */
export interface AbortOutcome {
  readonly done: boolean;
  /** Why it did nothing, or null. */
  readonly because: string | null;
}

/** Functions whose input or output is not simply the run. */
interface Payloads {
  /** `execution` is `$$.Execution.Id`. Claims the migration for it, or fails with AlreadyRunning. */
  claimMigration: {
    input: DeployedCode & {
      readonly migration: string;
      readonly execution: string;
      /** `$$.Execution.StartTime`, ISO 8601. */
      readonly startedAt: string;
      readonly continueWith: ContinueWith;
    };
    output: Run;
  };
  nextWave: { input: Run & Attempt & { readonly purpose: Purpose }; output: Run & Wave };
  /** `more`: stopped before the deadline; invoke again with the same input. */
  copyChunk: { input: ChunkItem; output: ChunkItem & Verdict<'done' | 'more'> };
  verifyChunk: { input: ChunkItem; output: { readonly equal: boolean } };
  /** `recopy`: unequal chunks were reopened. Throws when a second copy did not help. */
  judge: { input: Run & Attempt; output: Run & Verdict<'clean' | 'recopy'> };
  nextSync: { input: SyncRound & Attempt; output: SyncRound & SyncVerdict };
  /** Applies changes until shortly before its deadline, or until sync is over. */
  applyChanges: { input: ApplierItem; output: { readonly applied: number } };
  /** Whether writes may be fenced. `verify`: compare chunks again first; `wait`: invoke it again after so many seconds. */
  catchUp: {
    input: Run & Attempt;
    output: Run & Verdict<'ready' | 'copy' | 'verify' | 'wait'> & { readonly seconds: number };
  };
  /** `moved`: the receiving end serves; `returned`: writes were returned, and the migration copies and catches up again. */
  cutover: { input: Run & Attempt; output: Run & Verdict<'moved' | 'returned'> };
  /** `flipped`: it is too late to cancel, so the cutover has to be finished. */
  cancelCutover: { input: Run & Attempt; output: Run & Verdict<'cancelled' | 'flipped'> };
  /** `wait`: a table could not be locked; invoke it again later. */
  disarm: { input: Run & Attempt; output: Run & Verdict<'done' | 'wait'> };
  /** The `Error`/`Cause` pair that a Catch leaves. The input of the execution where `claimMigration` itself failed. */
  recordFailure: {
    input: {
      readonly migration: string;
      readonly execution: string;
      readonly failure: { readonly Error: string; readonly Cause: string };
    };
    output: { readonly held: boolean };
  };
  /** Abort, step 1: fences every worker and names the execution to be stopped, if one owns the migration. */
  revoke: {
    input: AbortRequest;
    output: AbortOutput<'revoked'> & { readonly owningExecution: string | null };
  };
  /** Abort, step 2: opens the end that serves. */
  reopen: { input: AbortRequest; output: AbortOutput<'opened'> };
  /** Abort, step 3: restores the other end and removes everything that Sluice installed. */
  clean: { input: AbortRequest; output: AbortOutput<'cleaned'> };
}

/** `nothing`: the abort is not of the migration's current run, so it ends. */
type AbortOutput<V extends string> = Required<AbortInput> & AbortOutcome & Verdict<V | 'nothing'>;

/** A stage takes the run and returns it, unless `Payloads` says more. */
export type Input<F extends FunctionName> = F extends keyof Payloads ? Payloads[F]['input'] : Run;
export type Output<F extends FunctionName> = F extends keyof Payloads ? Payloads[F]['output'] : Run;
/** Functions that are called with the run and return it. */
export type StageName = Exclude<FunctionName, keyof Payloads>;
/** Functions that are called with a run and return a verdict with it. */
export type GateName = {
  [F in FunctionName]: Output<F> extends Run & Verdict<string> ? F : never;
}[FunctionName];
