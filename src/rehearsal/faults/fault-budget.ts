import type { Fault } from './catalog';

/** Each costs an invocation its response, and its caller one of a few attempts. */
const KILLS: readonly Fault[] = ['kill-lambda', 'kill-before-call', 'kill-after-call'];
/** Kills that the step with the fewest retries must survive. */
const KILLS_MAX = 4;
/** Of all names together. */
const TIMES_MAX = 6;

/** Counts faults per function. More faults than its callers have attempts would fail a correct run. */
export class FaultBudget {
  private readonly times = new Map<string, number>();
  private readonly kills = new Map<string, number>();

  allows(functionName: string, fault: Fault): boolean {
    return (
      (this.times.get(functionName) ?? 0) < TIMES_MAX &&
      (!KILLS.includes(fault) || this.allowsKill(functionName))
    );
  }

  /** @param more kills than otherwise, of a function that is invoked again and again */
  allowsKill(functionName: string, more = 0): boolean {
    return (this.kills.get(functionName) ?? 0) < Math.max(KILLS_MAX, more);
  }

  /** @param times -1 takes it back */
  record(functionName: string, fault: Fault, times = 1): void {
    for (const counted of KILLS.includes(fault) ? [this.times, this.kills] : [this.times])
      counted.set(functionName, (counted.get(functionName) ?? 0) + times);
  }
}
