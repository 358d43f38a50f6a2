import { byteLength, type Json } from './json';
import { LIMITS } from './limits';

/** Error names that Step Functions itself reports. Source: "Handling errors in Step Functions workflows". */
export const STATES = {
  all: 'States.ALL',
  dataLimitExceeded: 'States.DataLimitExceeded',
  exceedToleratedFailureThreshold: 'States.ExceedToleratedFailureThreshold',
  heartbeatTimeout: 'States.HeartbeatTimeout',
  permissions: 'States.Permissions',
  runtime: 'States.Runtime',
  taskFailed: 'States.TaskFailed',
  timeout: 'States.Timeout',
} as const;

/** Every reserved name that a Retry or Catch may list; another `States.` name could never match. */
export const RESERVED_ERROR_NAMES: readonly string[] = [
  ...Object.values(STATES),
  'States.Http.Socket',
  'States.ItemReaderFailed',
  'States.ResultWriterFailed',
];

/** A state failed with an error that Retry and Catch can see. */
export class StateFailure extends Error {
  constructor(
    readonly error: string | undefined,
    readonly causeText: string | undefined,
    /** A missed heartbeat is reported under one name and matched under two. */
    readonly aliases: readonly string[] = [],
  ) {
    super(`${error ?? 'failure without a name'}: ${causeText ?? ''}`);
    this.name = 'StateFailure';
  }
}

/** The definition or its data cannot be processed; neither retried nor caught. */
export class RuntimeFailure extends StateFailure {
  constructor(causeText: string) {
    super(STATES.runtime, causeText);
    this.name = 'RuntimeFailure';
  }

  /** Adds where it happened, in the service's own words. */
  within(stateName: string, enteredEventId: number): RuntimeFailure {
    const prefix = 'An error occurred while executing the state';
    if (this.causeText?.startsWith(prefix)) return this;
    return new RuntimeFailure(
      `${prefix} '${stateName}' (entered at the event id #${enteredEventId}). ${this.causeText ?? ''}`,
    );
  }
}

export const dataLimitExceeded = (what: string): StateFailure =>
  new StateFailure(
    STATES.dataLimitExceeded,
    `The state/task '${what}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );

/** Throws States.DataLimitExceeded for what is larger than a payload may be. */
export function requireWithinDataLimit(value: Json, what: string): void {
  if (byteLength(JSON.stringify(value)) > LIMITS.dataBytesMax) throw dataLimitExceeded(what);
}

/** Nobody needs the result of this branch any more: stopped, timed out, or a sibling failed. */
export class Halted extends Error {
  constructor(
    /** The event that ended it; 0 if the whole execution closed. */
    readonly afterEventId: number,
  ) {
    super('halted');
    this.name = 'Halted';
  }
}

/** One thing that is wrong with a definition. */
export interface Problem {
  readonly message: string;
  /** What it is about, if the message does not say it, e.g. `state 'Copy'`. */
  readonly where?: string;
  /** The same as a path: `/States/Copy`. */
  readonly location?: string;
  /** The definition could not be read at all. */
  readonly unreadable?: true;
}

/** The definition uses something that is wrong or unsupported. Lists everything at once. */
export class InvalidDefinitionError extends Error {
  /** Each with its place. */
  readonly problems: readonly string[];

  constructor(
    readonly stateMachine: string,
    readonly diagnostics: readonly Problem[],
  ) {
    const problems = diagnostics.map(({ where, message }) =>
      where === undefined ? message : `${where}: ${message}`,
    );
    super(
      `The definition of state machine '${stateMachine}' is refused, ${problems.length} problem(s):\n` +
        `${problems.map((problem) => `  - ${problem}`).join('\n')}\n` +
        `See packages/local-aws/docs/feature-support.md for what is supported.`,
    );
    this.name = 'InvalidDefinitionError';
    this.problems = problems;
  }
}
