import type { Architecture } from '../assembly';

/** Use of one function. */
export interface LambdaCounters {
  /** Invocations that reached an environment; Lambda bills these, failed ones too. */
  readonly invocations: number;
  /** Invocations that the function failed: its own errors, timeouts and crashes. */
  readonly errors: number;
  readonly timeouts: number;
  readonly crashes: number;
  /** Invocations refused because of a concurrency limit. */
  readonly throttles: number;
  /** Events: retries scheduled after a failed attempt, and events dropped. */
  readonly eventRetries: number;
  readonly eventsDropped: number;
  /** New environments that served an invocation. */
  readonly coldStarts: number;
  /** Duration rounded up to whole milliseconds, init phase included. */
  readonly billedMs: number;
  readonly gigabyteSeconds: number;
  readonly memoryMegabytes: number;
  readonly architecture: Architecture;
  /** Peak resident memory of any of its environments, as they reported it. */
  readonly rssBytesMax: number;
  readonly environmentsMax: number;
}

export type MutableLambdaCounters = { -readonly [Name in keyof LambdaCounters]: LambdaCounters[Name] };

export function newCounters(memoryMegabytes: number, architecture: Architecture): MutableLambdaCounters {
  return {
    invocations: 0,
    errors: 0,
    timeouts: 0,
    crashes: 0,
    throttles: 0,
    eventRetries: 0,
    eventsDropped: 0,
    coldStarts: 0,
    billedMs: 0,
    gigabyteSeconds: 0,
    memoryMegabytes,
    architecture,
    rssBytesMax: 0,
    environmentsMax: 0,
  };
}
