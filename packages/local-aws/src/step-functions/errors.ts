import { byteLength, type Json, toText } from './json';
import { LIMITS } from './limits';

/** The error names that Step Functions itself reports. Source: "Handling errors in Step Functions workflows". */
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

/** The reserved names that a Retry or Catch may list. Any other `States.` name could never match. */
export const RESERVED_ERROR_NAMES: readonly string[] = [
  ...Object.values(STATES),
  'States.Http.Socket',
  'States.ItemReaderFailed',
  'States.ResultWriterFailed',
];

/** A state failed with an error that Retry and Catch can match. */
export class StateFailure extends Error {
  constructor(
    readonly error: string | undefined,
    readonly causeText: string | undefined,
    /** Further names that match: a missed heartbeat is reported under one name and matched under two. */
    readonly aliases: readonly string[] = [],
  ) {
    super(`${error ?? 'unnamed failure'}: ${causeText ?? ''}`);
    this.name = 'StateFailure';
  }
}

/** States.Runtime: the data cannot be processed. The error is neither retried nor caught. */
export class RuntimeFailure extends StateFailure {
  constructor(causeText: string) {
    super(STATES.runtime, causeText);
    this.name = 'RuntimeFailure';
  }

  /** Adds the state to the cause, worded as AWS does. */
  inState(stateName: string, enteredEventId: number): RuntimeFailure {
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

/** Throws States.DataLimitExceeded if the value exceeds the payload limit. */
export function requireWithinDataLimit(value: Json, what: string): void {
  if (byteLength(toText(value)) > LIMITS.dataBytesMax) throw dataLimitExceeded(what);
}

/** The branch was ended from outside: by a stop, a timeout or the failure of a sibling. */
export class Halted extends Error {
  constructor() {
    super('halted');
    this.name = 'Halted';
  }
}

/** One problem of a definition. */
export interface Problem {
  readonly message: string;
  /** The part of the definition that the message is about, e.g. `state 'Copy'`. */
  readonly where?: string;
  /** The same place as a path: `/States/Copy`. */
  readonly location?: string;
  /** The definition is not JSON. */
  readonly unreadable?: true;
}

/** The definition is invalid or uses unsupported features. Lists all problems at once. */
export class InvalidDefinitionError extends Error {
  /** The messages, each with its place. */
  readonly problems: readonly string[];

  constructor(
    readonly stateMachine: string,
    readonly diagnostics: readonly Problem[],
  ) {
    const problems = diagnostics.map(({ where, message }) =>
      where === undefined ? message : `${where}: ${message}`,
    );
    super(
      `state machine '${stateMachine}': the definition has ${problems.length} problem(s):\n` +
        `${problems.map((problem) => `  - ${problem}`).join('\n')}\n` +
        `See packages/local-aws/docs/feature-support.md for what is supported.`,
    );
    this.name = 'InvalidDefinitionError';
    this.problems = problems;
  }
}
