/** What travels through the state machines. Never row data, never a key: only names and counts. */

import type { FunctionName } from './names';

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

/** One execution's claim on one migration; input of every stage function. */
export interface Run {
  readonly migration: string;
  /** One life of a plan and its chunks; counts up for ever, over aborts and re-runs. */
  readonly generation: number;
  /** ARN of the execution that owns the migration. */
  readonly execution: string;
}

/** One item of the `Copy` and `Verify` maps. */
export interface ChunkItem {
  readonly migration: string;
  readonly generation: number;
  /** Target table of the mapping, as the definition writes it. */
  readonly table: string;
  /** Position of the chunk within its table, from 0. */
  readonly chunk: number;
}

export type Purpose = 'copy' | 'verify';

/** The chunks that one Map run takes. */
export interface Wave {
  readonly items: readonly ChunkItem[];
  /** MaxConcurrency of the Map, at least 1: Step Functions reads 0 as 10,000. */
  readonly concurrency: number;
  /** True if nothing is left for this purpose; `items` is then empty. */
  readonly empty: boolean;
}

/** Input and output of each function, as the state machines pass them. */
export interface Payloads {
  /** `execution` is `$$.Execution.Id`. Claims the migration for it, or fails with AlreadyRunning. */
  begin: { input: MigrationInput & { readonly execution: string }; output: Run };
  preflight: { input: Run; output: Run };
  prepare: { input: Run; output: Run };
  fenceSource: { input: Run; output: Run };
  plan: { input: Run; output: Run };
  nextWave: { input: Run & { readonly purpose: Purpose }; output: Wave };
  /** `done` false: stopped before the deadline; invoke again with the same input. */
  copyChunk: { input: ChunkItem; output: { readonly done: boolean } };
  verifyChunk: { input: ChunkItem; output: { readonly equal: boolean } };
  /** `recopy`: unequal chunks were reopened, go back to the backfill; `clean`: go on. Throws when a second copy did not help. */
  judge: { input: Run; output: { readonly verdict: 'clean' | 'recopy' } };
  seal: { input: Run; output: Run };
  flip: { input: Run; output: Run };
  openTarget: { input: Run; output: Run };
  /** The `Error`/`Cause` pair that a Catch puts beside the run. The input of the execution where `begin` itself failed. */
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
    output: AbortInput & { readonly execution: string; readonly owner: string | null };
  };
  /** Abort, step 2: reverts every stage in reverse order. */
  undo: { input: AbortInput & { readonly execution: string }; output: { readonly aborted: true } };
}

export type Input<F extends FunctionName> = Payloads[F]['input'];
export type Output<F extends FunctionName> = Payloads[F]['output'];
