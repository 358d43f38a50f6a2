import type { StartedInvocation } from './lambda';

/** Where a harness can make invocations, and the calls that functions make, go wrong. */
export interface FaultHooks {
  /** Called for every invocation that starts. */
  readonly onInvocation: (invocation: StartedInvocation) => void;
  /** Variables of a function's next execution environment, from the endpoints of the services. */
  variablesFor(functionName: string, endpoints: Readonly<Record<string, string>>): Record<string, string>;
  /** Runs an invocation that a state machine requests, or an attempt to deliver an event. */
  invoke<Result>(functionArnOrName: string, run: () => Promise<Result>): Promise<Result>;
}
