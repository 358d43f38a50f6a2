/** Limits concurrent invocations, per account and per function. The versions of a function share its limit. */
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
  private reservations: ReadonlyMap<string, number> = new Map();
  private unreservedMax = 0;
  private unreservedRunning = 0;

  constructor(
    private readonly accountMax: number,
    functions: readonly Sized[],
  ) {
    this.reserve(functions);
  }

  /** Replaces the reservations. Running invocations keep the share that they have taken. */
  reserve(functions: readonly Sized[]): void {
    this.unreservedMax = this.accountMax - reservedBy(functions);
    this.reservations = new Map(
      functions.flatMap(({ name, reservedConcurrency }) =>
        reservedConcurrency === undefined ? [] : [[name, reservedConcurrency]],
      ),
    );
  }

  /** @returns why the invocation is throttled, or a function that must be called when the invocation has ended */
  admit(functionName: string): ThrottleReason | (() => void) {
    const running = this.running.get(functionName) ?? 0;
    const reserved = this.reservations.get(functionName);
    if (reserved !== undefined && running >= reserved)
      return 'ReservedFunctionConcurrentInvocationLimitExceeded';
    if (reserved === undefined && this.unreservedRunning >= this.unreservedMax)
      return 'ConcurrentInvocationLimitExceeded';
    const shared = reserved === undefined ? 1 : 0;
    this.count(functionName, 1, shared);
    return () => this.count(functionName, -1, -shared);
  }

  private count(functionName: string, invocations: number, shared: number): void {
    this.running.set(functionName, (this.running.get(functionName) ?? 0) + invocations);
    this.unreservedRunning += shared;
  }
}

export function reservedBy(functions: readonly Sized[]): number {
  return functions.reduce((sum, { reservedConcurrency }) => sum + (reservedConcurrency ?? 0), 0);
}
