/** How many invocations may run at once, in the account and per function. */
import type { FunctionResource } from '../assembly';

/** Concurrent executions of an account in a Region, by default. */
export const ACCOUNT_CONCURRENCY = 1000;
/** What must stay for functions that reserve nothing. */
export const UNRESERVED_MIN = 100;

/** Lambda's own words, in the member `Reason` of a TooManyRequestsException. */
export type ThrottleReason =
  'ConcurrentInvocationLimitExceeded' | 'ReservedFunctionConcurrentInvocationLimitExceeded';

type Sized = Pick<FunctionResource, 'name' | 'reservedConcurrency'>;

/** What a function reserves is its alone and also its cap; the others share what is left. */
export class Concurrency {
  private readonly running = new Map<string, number>();
  private readonly unreservedMax: number;
  private unreservedRunning = 0;

  constructor(accountMax: number, functions: readonly Sized[]) {
    this.unreservedMax = accountMax - reservedBy(functions);
  }

  /** Why one more invocation is not admitted; undefined if it is, and then `leave` must follow. */
  enter({ name, reservedConcurrency }: Sized): ThrottleReason | undefined {
    const running = this.running.get(name) ?? 0;
    if (reservedConcurrency !== undefined && running >= reservedConcurrency)
      return 'ReservedFunctionConcurrentInvocationLimitExceeded';
    if (reservedConcurrency === undefined) {
      if (this.unreservedRunning >= this.unreservedMax) return 'ConcurrentInvocationLimitExceeded';
      this.unreservedRunning += 1;
    }
    this.running.set(name, running + 1);
    return undefined;
  }

  leave({ name, reservedConcurrency }: Sized): void {
    this.running.set(name, (this.running.get(name) ?? 0) - 1);
    if (reservedConcurrency === undefined) this.unreservedRunning -= 1;
  }
}

export function reservedBy(functions: readonly Sized[]): number {
  return functions.reduce((sum, { reservedConcurrency }) => sum + (reservedConcurrency ?? 0), 0);
}
