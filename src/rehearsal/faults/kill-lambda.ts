import type { StartedInvocation } from 'local-aws';
import { draw } from './draw';
import { FaultBudget } from './fault-budget';

/** One process that was killed. */
export interface Kill {
  readonly function: string;
  /** When, ISO 8601. */
  readonly at: string;
  /** Milliseconds from the invocation's start. */
  readonly afterMs: number;
}

export interface KillerOptions {
  readonly seed: number;
  /** Called for each process that was killed during work. */
  readonly onKill: (kill: Kill) => void;
  /** Shortest time between two kills. @default 1.5 s, so that the run can make progress */
  readonly pauseMs?: number;
  /** Budget of faults per function, shared with other injectors. @default its own */
  readonly budget?: FaultBudget;
}

const PAUSE_MS = 1_500;
/** Of a decision to kill: first until a rehearsal has seen some, then for as long as it lasts. */
const CHANCE_FIRST = 0.9;
const CHANCE = 0.75;
const KILLS_FIRST = 8;
/** Assumed duration of an invocation until one of its function has ended: that of the quickest. */
const FIRST_MS = 100;
/** An invocation that lasts is decided upon again and again. */
const WINDOW_MS = 4_000;
/** Once, then once more at the eighth decision, the sixteenth, the thirty-second: or it would never come to its end. */
const killsMaxAt = (decision: number): number => Math.max(1, Math.floor(Math.log2(decision)) - 1);

/**
 * Kills execution environments while they work. Which function, at which of its invocations, and at which part of what the
 * function usually takes, is the seed's; when that is, and what else happens then, is the machine's.
 */
export class LambdaKiller {
  private readonly decisions = new Map<string, number>();
  private readonly kills = new Map<string, number>();
  private readonly usualMs = new Map<string, number>();
  private lastKillMs = -Infinity;
  /** Decisions that came too late; the next ones are for them. */
  private owed = 0;
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
        // Another may have been killed during the wait.
        if (!ended && this.pauseLeftMs() === 0 && this.kill(invocation, lasted())) return;
        this.owed += 1;
        if (ended) break;
      }
      if (await invocation.endsWithin(WINDOW_MS)) break;
    }
    this.usualMs.set(functionName, lasted());
  }

  /** Milliseconds after which to kill, or null. */
  private decide(functionName: string): number | null {
    const { seed } = this.options;
    const decision = (this.decisions.get(functionName) ?? 0) + 1;
    this.decisions.set(functionName, decision);
    if (!this.mayKill(functionName)) return null;
    if (this.owed > 0) this.owed -= 1;
    else if (draw(seed, 'whether', functionName, decision) >= this.chance()) return null;
    const usualMs = Math.min(this.usualMs.get(functionName) ?? FIRST_MS, WINDOW_MS);
    return usualMs * draw(seed, 'when', functionName, decision);
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
    // Meanwhile it may have borne enough from others.
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
