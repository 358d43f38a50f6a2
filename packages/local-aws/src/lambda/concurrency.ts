/** Limits concurrent invocations, per account and per function. */
import type { FunctionResource } from '../assembly';

/** Default concurrency of an account in a Region. */
export const ACCOUNT_CONCURRENCY = 1000;
/** Concurrency that must remain for functions without a reservation. */
export const UNRESERVED_MIN = 100;

/** Values of `Reason` in a TooManyRequestsException. */
export type ThrottleReason =
  'ConcurrentInvocationLimitExceeded' | 'ReservedFunctionConcurrentInvocationLimitExceeded';

type Sized = Pick<FunctionResource, 'name' | 'reservedConcurrency'>;

/** A reservation is exclusive to its function, and also its maximum. Functions without one share the rest. */
export class Concurrency {
  private readonly running = new Map<string, number>();
  private readonly unreservedMax: number;
  private unreservedRunning = 0;

  constructor(accountMax: number, functions: readonly Sized[]) {
    this.unreservedMax = accountMax - reservedBy(functions);
  }

  /** @returns why the invocation is throttled; undefined if it is admitted, and then `release` must follow */
  admit({ name, reservedConcurrency }: Sized): ThrottleReason | undefined {
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

  release({ name, reservedConcurrency }: Sized): void {
    this.running.set(name, (this.running.get(name) ?? 0) - 1);
    if (reservedConcurrency === undefined) this.unreservedRunning -= 1;
  }
}

export function reservedBy(functions: readonly Sized[]): number {
  return functions.reduce((sum, { reservedConcurrency }) => sum + (reservedConcurrency ?? 0), 0);
}
