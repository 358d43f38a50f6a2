import type { Fault } from './catalog';

/** Each costs an invocation its answer, and whoever invoked it one of the few tries that there are for that. */
const KILLS: readonly Fault[] = ['kill-lambda', 'kill-before-call', 'kill-after-call'];
/** What the most impatient step must survive, wherever it is. */
const KILLS_MAX = 4;
/** Of all names together. */
const TIMES_MAX = 6;

/** What was done to each function, under whatever name: more than its callers have tries ends a run that did nothing wrong. */
export class Toll {
  private readonly times = new Map<string, number>();
  private readonly kills = new Map<string, number>();

  mayBear(functionName: string, fault: Fault): boolean {
    return (
      (this.times.get(functionName) ?? 0) < TIMES_MAX && (!KILLS.includes(fault) || this.mayDie(functionName))
    );
  }

  /** @param more kills than otherwise, of a function that is invoked again and again */
  mayDie(functionName: string, more = 0): boolean {
    return (this.kills.get(functionName) ?? 0) < Math.max(KILLS_MAX, more);
  }

  /** @param times -1 takes it back */
  bear(functionName: string, fault: Fault, times = 1): void {
    for (const counted of KILLS.includes(fault) ? [this.times, this.kills] : [this.times])
      counted.set(functionName, (counted.get(functionName) ?? 0) + times);
  }
}
