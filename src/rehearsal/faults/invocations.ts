/** Faults between Lambda and its callers: Step Functions, and Lambda's own queue of events. */
import { setTimeout as sleep } from 'node:timers/promises';

import { InvocationError } from 'local-aws';
import type { Fault } from './catalog';

const LATE_MS_MAX = 5_000;

export type Invoke<Args extends readonly unknown[], Result> = (...args: Args) => Promise<Result>;

/** Whether a fault can be done to an invocation. */
export const CONCERNS_INVOCATION: readonly Fault[] = ['throttle-lambda', 'duplicate-invocation'];

/** @throws InvocationError as Lambda refuses what is too much, before any code runs */
export function throttleInvocation(): never {
  throw new InvocationError('Lambda.TooManyRequestsException', 'Rate Exceeded.', 'none', undefined);
}

/** Runs the function twice; the caller gets one result, the other is dropped. @param share 0 ≤ x < 1: the delay of the second */
export async function invokeTwice<Result>(invoke: () => Promise<Result>, share: number): Promise<Result> {
  const first = invoke();
  const late = Math.max(0, 2 * share - 1) * LATE_MS_MAX;
  const second = late === 0 ? invoke() : sleep(late, undefined, { ref: false }).then(invoke);
  // The run without a caller may fail unnoticed.
  for (const run of [first, second]) run.catch(() => undefined);
  return late === 0 && share < 0.25 ? second : first;
}
