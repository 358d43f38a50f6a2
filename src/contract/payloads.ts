/** What travels through the state machines. Never row data, never a key: only names and counts. */

import type { FunctionName } from './names';
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

/** One execution's claim on one migration; input of every stage function. */
export interface Run {
  readonly migration: string;
  /** One life of a plan and its chunks; counts up for ever, over aborts and re-runs. */
  readonly generation: number;
  readonly direction: Direction;
  /** ARN of the execution that owns the migration. */
  readonly execution: string;
  /** Decides which way the state machine takes. */
  readonly shape: Shape;
}

/** How a migration moves. `offline`: writes are refused from the first fence on. `cdc`: changes are captured and applied. */
export type Shape = 'offline' | 'cdc';

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
  /** Shape `cdc`: triggers on every mapped source table. */
  startCapture: { input: Run; output: Run };
  fenceSource: { input: Run; output: Run };
  plan: { input: Run; output: Run };
  nextWave: { input: Run & { readonly purpose: Purpose }; output: Wave };
  /** `done` false: stopped before the deadline; invoke again with the same input. */
  copyChunk: { input: ChunkItem; output: { readonly done: boolean } };
  verifyChunk: { input: ChunkItem; output: { readonly equal: boolean } };
  /** `recopy`: unequal chunks were reopened, go back to the backfill; `clean`: go on. Throws when a second copy did not help. */
  judge: { input: Run; output: { readonly verdict: 'clean' | 'recopy' } };
  /** One round of `Sync`. `execution` is `$$.Execution.Id`; `replaces`, the execution that renewed itself as this one, or null. */
  nextSync: {
    input: MigrationInput & {
      readonly generation: number;
      readonly direction: Direction;
      readonly execution: string;
      readonly replaces: string | null;
    };
    /** `over`: nothing is left to keep in sync, or another execution does. */
    output: { readonly items: readonly ApplierItem[]; readonly over: boolean };
  };
  /** Applies changes until shortly before its deadline, or until sync is over. */
  applyChanges: { input: ApplierItem; output: { readonly applied: number } };
  /** Whether the source may be fenced. `verify`: compare chunks again first; `wait`: ask again. */
  catchUp: { input: Run; output: { readonly verdict: 'ready' | 'verify' | 'wait' } };
  /** Waits, behind the fence, until every captured change is in the target. */
  drain: { input: Run; output: Run };
  /** Behind the fence: compares what was touched since it was last found equal. `recopy`: chunks were reopened; cancel the fence. */
  verifyFenced: { input: Run; output: { readonly verdict: 'clean' | 'recopy' } };
  /** Gives writes back to the source; the migration goes on catching up. */
  cancelFence: { input: Run; output: Run };
  seal: { input: Run; output: Run };
  flip: { input: Run; output: Run };
  openTarget: { input: Run; output: Run };
  /** After the target has opened: removes the capture from the source. */
  stopCapture: { input: Run; output: Run };
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
