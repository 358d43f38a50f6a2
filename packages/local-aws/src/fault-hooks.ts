import type { StartedInvocation } from './lambda';

/**
 * Lets a harness inject faults into invocations, and into the calls of functions. All versions of a function have its name,
 * without a qualifier.
 */
export interface FaultHooks {
  /** Called for every invocation that starts. */
  readonly onInvocation: (invocation: StartedInvocation) => void;
  /** Returns the endpoint variables of a function's next execution environment, from those of the services. */
  variablesFor(functionName: string, endpoints: Readonly<Record<string, string>>): Record<string, string>;
  /** Runs an invocation that a state machine requests, or an attempt to deliver an event. */
  invoke<Result>(functionArnOrName: string, run: () => Promise<Result>): Promise<Result>;
}
