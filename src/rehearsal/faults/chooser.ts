import type { Fault } from './catalog';
import { draw } from './draw';
import { FaultBudget } from './fault-budget';

/** A point at which something may go wrong: a call of a function, or an invocation. */
export interface Point {
  readonly functionName: string;
  /** E.g. `dynamodb UpdateItem`. */
  readonly what: string;
  /** Of this function and this operation, from 1. */
  readonly ordinal: number;
}

export interface ChooserOptions {
  readonly seed: number;
  /** Shortest time between any two faults. @default 1.2 s, so that the run can make progress */
  readonly pauseMs?: number;
  /** Budget of faults per function, shared with other injectors. @default its own */
  readonly budget?: FaultBudget;
}

const PAUSE_MS = 1_200;
/** Before another try of what could not be done. */
const AGAIN_MS = 200;
/** Of a point that a fault may be done at. */
const CHANCE = 0.2;
/** Faults of one name in a run: it must come to its end. */
const TIMES = 8;
const TIMES_OF: Readonly<Partial<Record<Fault, number>>> = {
  hang: 1,
  'restart-source': 1,
  'restart-target': 1,
  'disk-full': 2,
  'terminate-backends': 3,
  ddl: 1,
  'disabled-trigger': 1,
};
/** Once at one kind of point, then ever more rarely: a run has few faults of a name, and later stages are to have theirs. */
const timesAt = (ordinal: number): number => 1 + Math.floor(Math.log2(ordinal) / 4);

/**
 * Decides which fault is done at which point: by the seed, for each point by its name, and never faster than a run can bear.
 * A decision that comes too soon after another is owed, and the next point of the fault is taken for it.
 */
export class Chooser {
  private readonly times = new Map<string, number>();
  private readonly owed = new Set<Fault>();
  private readonly budget: FaultBudget;
  private lastMs = -Infinity;

  constructor(private readonly options: ChooserOptions) {
    this.budget = options.budget ?? new FaultBudget();
  }

  /** Chooses a fault among `candidates`, or null. The caller must inject it or return it. */
  choose(point: Point, candidates: readonly Fault[]): Fault | null {
    const wanted = candidates.filter((fault) => this.mayStill(fault, point) && this.isDrawn(fault, point));
    const tooSoon = performance.now() - this.lastMs < (this.options.pauseMs ?? PAUSE_MS);
    // Of several, the one that was done least, so that many names all have their turn; what is left over is owed.
    const chosen = tooSoon ? undefined : wanted.sort((left, right) => this.rank(left) - this.rank(right))[0];
    for (const fault of wanted) this.owed.add(fault);
    if (chosen === undefined) return null;
    this.owed.delete(chosen);
    this.lastMs = performance.now();
    this.count(chosen, point, 1);
    return chosen;
  }

  /** It could not be done; it is owed. */
  takeBack(fault: Fault, point: Point): void {
    this.count(fault, point, -1);
    this.lastMs -= (this.options.pauseMs ?? PAUSE_MS) - AGAIN_MS;
    this.owed.add(fault);
  }

  private mayStill(fault: Fault, point: Point): boolean {
    const here = this.times.get(nameOf(fault, point)) ?? 0;
    return (
      (this.times.get(fault) ?? 0) < (TIMES_OF[fault] ?? TIMES) &&
      here < timesAt(point.ordinal) &&
      this.budget.allows(point.functionName, fault)
    );
  }

  /** Among faults injected equally often, owed ones come first. */
  private rank(fault: Fault): number {
    return (this.times.get(fault) ?? 0) - (this.owed.has(fault) ? 0.5 : 0);
  }

  private isDrawn(fault: Fault, { functionName, what, ordinal }: Point): boolean {
    return this.owed.has(fault) || draw(this.options.seed, fault, functionName, what, ordinal) < CHANCE;
  }

  private count(fault: Fault, point: Point, more: number): void {
    this.budget.record(point.functionName, fault, more);
    for (const name of [fault, nameOf(fault, point)])
      this.times.set(name, (this.times.get(name) ?? 0) + more);
  }
}

const nameOf = (fault: Fault, { functionName, what }: Point): string => [fault, functionName, what].join(' ');
