/**
 * The parts of a state machine, as data. The CDK app compiles these tables into Amazon States Language; the explorer, the
 * tests, `status`, the timings of a rehearsal and the event budgets interpret the same tables.
 */

import type { Login } from '../logins';

export type { Login };

/** The role of an end in one generation: rows move from one to the other. */
export type Role = 'from' | 'to';

export type MachineName = 'Migration' | 'Sync' | 'Abort';

export interface Size {
  readonly timeoutSeconds: number;
  /** Memory buys processor time: 1,769 MB is one whole virtual CPU. */
  readonly memoryMegabytes: number;
}

/** Inputs that a state machine passes to a function; `lib/workflows/inputs.ts` defines their sources. */
export type InputKind = 'claim' | 'run' | 'chunk' | 'round' | 'applier' | 'failure' | 'abort';

/** One Lambda function: its size, its input, and everything it may touch besides reading and writing ledger items. */
export interface FunctionRow {
  /** Also the export of `lambdas/<name in kebab case>.ts`. */
  readonly name: string;
  readonly size: Size;
  readonly input: InputKind;
  /** Logins it uses at the end that rows come from. @default that database is out of reach */
  readonly from?: readonly Login[];
  /** Logins it uses at the end that rows go to. @default that database is out of reach */
  readonly to?: readonly Login[];
  /** Ends where it changes something that remains: rows, leases, the guard, the capture, the schema. @default none */
  readonly changes?: readonly Role[];
  /** Ends where it runs statements in a transaction that it rolls back. @default none */
  readonly rehearsesAt?: readonly Role[];
  /** Machines whose executions it may describe. @default none */
  readonly describes?: readonly MachineName[];
  /** Machines whose executions it may stop. @default none */
  readonly stops?: readonly MachineName[];
  /** Whether it may delete ledger items: reports on refused rows that are judged again. @default false */
  readonly deletesItems?: boolean;
}

/** A step's id, within its machine and shape. */
export type StepId = string;

interface Common {
  /** Kebab case; state names are made of it. */
  readonly id: StepId;
  /** Stages of the ledger that are finished when this step is, in order. @default none */
  readonly finishes?: readonly string[];
}

/**
 * Where errors lead. An error that may pass is first retried under the step's policy; `exhausted` is its outcome when no
 * attempt is left.
 */
export interface ErrorPaths {
  /** The fence on the end that rows come from has expired. @default as `other` */
  readonly fenceExpired?: StepId;
  /** @default as `other` */
  readonly exhausted?: StepId;
  /** @default the machine's `onFailure` */
  readonly other?: StepId;
}

/** The steps of `Abort` that undo a step that writes, finished or not; a step after the flip is not undone. */
export type Coverage = readonly StepId[] | 'after the flip';

/** Invokes a function. */
interface Invocation extends Common {
  readonly function: FunctionRow;
  /** Constants that its input carries besides what the input kind says. */
  readonly constants?: Readonly<Record<string, string>>;
  readonly retry: RetryName;
  readonly errors?: ErrorPaths;
  /** Which steps of `Abort` undo what it writes. @default it writes nothing that outlives it */
  readonly coveredBy?: Coverage;
}

/** Invokes a function, then continues with the next row, or with `next`. */
export interface Task extends Invocation {
  readonly kind: 'task';
  readonly next?: StepId;
}

/** Invokes a function whose verdict selects the next step. An unknown verdict is a failure, never a pass. */
export interface Gate extends Invocation {
  readonly kind: 'gate';
  readonly verdicts: Readonly<Record<string, StepId>>;
  /** It refuses, or renews, once the history has reached the machine's event budget; so it may be part of a cycle. */
  readonly bounded?: boolean;
}

/** Runs steps for each item of the last verdict. An item that fails does not stop its siblings; the next gate judges by the ledger. */
export interface Fan extends Common {
  readonly kind: 'map';
  /** `distributed`: each item is a separate execution; `inline`: its events are the machine's. */
  readonly mode: 'distributed' | 'inline';
  /** Maximum number of items of one run. The event budget of an inline map is computed from it. */
  readonly itemsMax: number;
  readonly each: readonly Step[];
  readonly next: StepId;
}

export interface Pause extends Common {
  readonly kind: 'wait';
  /** `verdict`: the last verdict says how long. */
  readonly seconds: number | 'verdict';
  /** @default the next row */
  readonly next?: StepId;
}

/** Starts an execution of another machine, or of the same, and does not wait for its end. */
export interface Start extends Common {
  readonly kind: 'start';
  readonly machine: MachineName;
  readonly retry: RetryName;
  readonly next?: StepId;
}

/** Stops the execution that the last result names, if it names one. Continues whether or not it could be stopped. */
export interface Stop extends Common {
  readonly kind: 'stop';
  readonly machine: MachineName;
  readonly next?: StepId;
}

export interface End extends Common {
  readonly kind: 'end';
}

export type Step = Task | Gate | Fan | Pause | Start | Stop | End;
export type Invoking = Task | Gate;

export interface MachineRow {
  readonly name: MachineName;
  /** Life of an execution in seconds, after which Step Functions ends it. */
  readonly timeoutSeconds: number;
  /** Fields of the input besides the migration's name, which every machine requires. */
  readonly requires: readonly string[];
  /** Those of `requires` that must be numbers. @default none */
  readonly numbers?: readonly string[];
  /** Fields of the input that may be left out; if given, they are texts. */
  readonly defaults: Readonly<Record<string, string>>;
  /** Remedy in the error for an invalid input. */
  readonly remedy: string;
  /** Invoked with an error that no row handles; the execution then fails with that error. @default it fails immediately */
  readonly onFailure?: Task;
  /** Events of its history after which bounded gates do not continue; Step Functions takes 25,000. */
  readonly eventBudget: number;
}

/** A machine whose steps are the same for every migration. */
export interface Machine extends MachineRow {
  readonly steps: readonly Step[];
}

/** Properties of a shape that code may query. Only the table of shapes uses the shapes' names. */
export interface Traits {
  /** Changes of the end that rows come from are captured, and applied by Sync. */
  readonly capturesChanges: boolean;
  /**
   * When writes are first refused. `first`: before anything is copied, so an expired fence voids the generation; `cutover`: only in
   * the write cutover, which is cancelled and repeated if it does not fit into its fence.
   */
  readonly fences: 'first' | 'cutover';
}

/** How one kind of migration runs: the same machine, with its own steps. */
export interface ShapeRow {
  readonly traits: Traits;
  readonly steps: readonly Step[];
}

/** Rows by the shape's name. */
export type ShapeTable = Readonly<Record<string, ShapeRow>>;

export type RetryName =
  'stage' | 'item' | 'fenced' | 'cutover' | 'poll' | 'applier' | 'sync' | 'abort' | 'start' | 'renew';
