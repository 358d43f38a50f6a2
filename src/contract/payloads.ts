/** Payloads of the state machines: names and counts, never row data or keys. */

import type { FunctionName, Shape } from './lifecycle';
import type { Direction } from './sides';

/** A sufficient input of the `Migration` state machine. */
export interface MigrationInput {
  readonly migration: string;
}

/** Input of the `Abort` state machine. */
export interface AbortInput {
  readonly migration: string;
  /** Why, in the operator's words; goes to the journal. */
  readonly reason: string;
}

/** One execution's claim on one migration; input of every stage function, and with the last verdict all that travels. */
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
  readonly events: number;
}

/** `renew`: its history is almost full; `idle`: nothing is to be applied now; `over`: nothing is left to keep in sync, or another execution does. */
export interface SyncVerdict {
  readonly verdict: 'apply' | 'idle' | 'renew' | 'over';
  readonly items: readonly ApplierItem[];
}

/** Result of a gate that decides by its verdict alone. */
export type Verdict<V extends string> = { readonly verdict: V };

/** Functions whose input or output is not simply the run. */
interface Payloads {
  /** `execution` is `$$.Execution.Id`. Claims the migration for it, or fails with AlreadyRunning. */
  claimMigration: { input: MigrationInput & { readonly execution: string }; output: Run };
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
  /** `moved`: the receiving end serves; `returned`: writes were given back, and copying comes first again. */
  cutover: { input: Run & Attempt; output: Run & Verdict<'moved' | 'returned'> };
  /** `flipped`: it is too late to cancel, so the cutover has to be finished. */
  cancelCutover: { input: Run & Attempt; output: Run & Verdict<'cancelled' | 'flipped'> };
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
    input: AbortInput & { readonly execution: string };
    output: AbortInput & { readonly owner: string | null };
  };
  /** Abort, step 2: opens the end that serves. */
  reopen: { input: AbortInput & { readonly execution: string }; output: AbortInput };
  /** Abort, step 3: takes the other end back and removes what Sluice installed. */
  clean: { input: AbortInput & { readonly execution: string }; output: AbortInput };
}

/** A stage takes the run and returns it, unless `Payloads` says more. */
export type Input<F extends FunctionName> = F extends keyof Payloads ? Payloads[F]['input'] : Run;
export type Output<F extends FunctionName> = F extends keyof Payloads ? Payloads[F]['output'] : Run;
/** Functions that are called with the run and return it. */
export type StageName = Exclude<FunctionName, keyof Payloads>;
/** Functions that are called with a run and return a verdict with it. */
export type GateName = {
  [F in FunctionName]: Output<F> extends Run & Verdict<string> ? F : never;
}[FunctionName];
