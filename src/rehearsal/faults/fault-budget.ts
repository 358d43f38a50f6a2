import type { Fault } from './catalog';

/** Faults that kill the function's process. Each costs the caller one of its few retries. */
const KILLS: readonly Fault[] = ['kill-lambda', 'kill-before-call', 'kill-after-call'];
/** Kills that the step with the fewest retries must survive. */
const KILLS_MAX = 4;
/** Maximum number of faults of all names per function. */
const FAULTS_MAX = 6;

/** Limits the faults per function: with more faults than its callers have retries, even a correct run would fail. */
export class FaultBudget {
  private readonly faults = new Map<string, number>();
  private readonly kills = new Map<string, number>();

  allowsFault(functionName: string, fault: Fault): boolean {
    return (
      (this.faults.get(functionName) ?? 0) < FAULTS_MAX &&
      (!KILLS.includes(fault) || this.allowsKill(functionName))
    );
  }

  /** @param max a higher limit, for a function that is invoked repeatedly */
  allowsKill(functionName: string, max = 0): boolean {
    return (this.kills.get(functionName) ?? 0) < Math.max(KILLS_MAX, max);
  }

  /** @param times -1 reverses an earlier record */
  record(functionName: string, fault: Fault, times = 1): void {
    for (const counted of KILLS.includes(fault) ? [this.faults, this.kills] : [this.faults])
      counted.set(functionName, (counted.get(functionName) ?? 0) + times);
  }
}
