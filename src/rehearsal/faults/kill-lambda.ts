import type { StartedInvocation } from 'local-aws';
import { seededFraction } from './seeded-fraction';
import { FaultBudget } from './fault-budget';

/** One process that was killed. */
export interface Kill {
  readonly function: string;
  /** Time of the kill, ISO 8601. */
  readonly at: string;
  /** Milliseconds from the invocation's start. */
  readonly afterMs: number;
}

export interface KillerOptions {
  readonly seed: number;
  /** Called for each process that was killed during an invocation. */
  readonly onKill: (kill: Kill) => void;
  /** Minimum time between two kills. @default 1.5 s, so that the run progresses */
  readonly pauseMs?: number;
  /** The budget, if other injectors share it. @default its own budget */
  readonly budget?: FaultBudget;
}

const PAUSE_MS = 1_500;
/** Probability of a kill: higher for the first kills of a rehearsal. */
const CHANCE_FIRST = 0.9;
const CHANCE = 0.75;
const KILLS_FIRST = 8;
/** Assumed duration of a function before its first invocation has ended; that of the quickest functions. */
const FIRST_MS = 100;
/** A longer invocation is decided again after each window. */
const WINDOW_MS = 4_000;
/** One kill, and one more at the 8th, 16th and 32nd decision, and so on: with more, a function would never finish. */
const killsMaxAt = (decision: number): number => Math.max(1, Math.floor(Math.log2(decision)) - 1);

/**
 * Kills execution environments during invocations. The seed decides which invocation of which function, and at what
 * fraction of the function's usual duration; the actual time, and what happens concurrently, depend on the machine.
 */
export class LambdaKiller {
  private readonly decisions = new Map<string, number>();
  private readonly kills = new Map<string, number>();
  private readonly usualMs = new Map<string, number>();
  private lastKillMs = -Infinity;
  /** Kills that could not be done in time; the next decisions make up for them. */
  private deferred = 0;
  private readonly budget: FaultBudget;

  constructor(private readonly options: KillerOptions) {
    this.budget = options.budget ?? new FaultBudget();
  }

  readonly onInvocation = (invocation: StartedInvocation): void => void this.watch(invocation);

  private async watch(invocation: StartedInvocation): Promise<void> {
    const { functionName } = invocation;
    const startedMs = performance.now();
    const lasted = (): number => performance.now() - startedMs;
    for (;;) {
      const afterMs = this.decide(functionName);
      if (afterMs !== null) {
        const ended =
          (await invocation.endsWithin(afterMs)) || (await invocation.endsWithin(this.pauseLeftMs()));
        // The killer may have killed another environment during the wait.
        if (!ended && this.pauseLeftMs() === 0 && this.kill(invocation, lasted())) return;
        this.deferred += 1;
        if (ended) break;
      }
      if (await invocation.endsWithin(WINDOW_MS)) break;
    }
    this.usualMs.set(functionName, lasted());
  }

  /** Returns the milliseconds after which to kill, or null. */
  private decide(functionName: string): number | null {
    const { seed } = this.options;
    const decision = (this.decisions.get(functionName) ?? 0) + 1;
    this.decisions.set(functionName, decision);
    if (!this.mayKill(functionName)) return null;
    if (this.deferred > 0) this.deferred -= 1;
    else if (seededFraction(seed, 'whether', functionName, decision) >= this.chance()) return null;
    const usualMs = Math.min(this.usualMs.get(functionName) ?? FIRST_MS, WINDOW_MS);
    return usualMs * seededFraction(seed, 'when', functionName, decision);
  }

  private mayKill(functionName: string): boolean {
    const most = killsMaxAt(this.decisions.get(functionName) ?? 1);
    return (this.kills.get(functionName) ?? 0) < most && this.budget.allowsKill(functionName, most);
  }

  private chance(): number {
    const killed = [...this.kills.values()].reduce((sum, kills) => sum + kills, 0);
    return killed < KILLS_FIRST ? CHANCE_FIRST : CHANCE;
  }

  private pauseLeftMs(): number {
    const untilMs = this.lastKillMs + (this.options.pauseMs ?? PAUSE_MS);
    return Math.max(0, Math.ceil(untilMs - performance.now()));
  }

  private kill({ functionName, kill }: StartedInvocation, afterMs: number): boolean {
    // Other injectors may have used up the budget meanwhile.
    if (!this.mayKill(functionName) || !kill()) return false;
    this.lastKillMs = performance.now();
    this.kills.set(functionName, (this.kills.get(functionName) ?? 0) + 1);
    this.budget.record(functionName, 'kill-lambda');
    this.options.onKill({
      function: functionName,
      at: new Date().toISOString(),
      afterMs: Math.round(afterMs),
    });
    return true;
  }
}
