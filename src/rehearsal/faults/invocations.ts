/** Faults between Lambda and its callers: Step Functions, and Lambda's queue of events. */
import { setTimeout as sleep } from 'node:timers/promises';

import { InvocationError } from 'local-aws';
import type { Fault } from './catalog';

const LATE_MS_MAX = 5_000;

export type Invoke<Args extends readonly unknown[], Result> = (...args: Args) => Promise<Result>;

/** Faults that can be injected into an invocation. */
export const INVOCATION_FAULTS: readonly Fault[] = ['throttle-lambda', 'duplicate-invocation'];

/** Refuses an invocation before any code runs. @throws InvocationError as Lambda throws when it throttles */
export function throttleInvocation(): never {
  throw new InvocationError('Lambda.TooManyRequestsException', 'Rate Exceeded.', 'none', undefined);
}

/** Runs the function twice, and returns the result of one run. @param fraction 0 ≤ x < 1: the delay between the runs */
export async function invokeTwice<Result>(invoke: () => Promise<Result>, fraction: number): Promise<Result> {
  const first = invoke();
  const late = Math.max(0, 2 * fraction - 1) * LATE_MS_MAX;
  const second = late === 0 ? invoke() : sleep(late, undefined, { ref: false }).then(invoke);
  // The run whose result is not returned may fail without consequence.
  for (const run of [first, second]) run.catch(() => undefined);
  return late === 0 && fraction < 0.25 ? second : first;
}
