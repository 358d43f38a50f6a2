import type { Fault } from './catalog';
import { seededFraction } from './seeded-fraction';
import { FaultBudget } from './fault-budget';

/** A point at which a fault can be injected: a call by a function, or its invocation. */
export interface Point {
  readonly functionName: string;
  /** E.g. `dynamodb UpdateItem`. */
  readonly operation: string;
  /** Counts this operation of this function, from 1. */
  readonly ordinal: number;
}

export interface ChooserOptions {
  readonly seed: number;
  /** Minimum time between any two faults. @default 1.2 s, so that the run progresses */
  readonly pauseMs?: number;
  /** The budget, if other injectors share it. @default its own budget */
  readonly budget?: FaultBudget;
}

const PAUSE_MS = 1_200;
/** Wait before a fault that could not be injected is tried again. */
const RETRY_MS = 200;
/** Probability that a fault is selected at a point. */
const CHANCE = 0.2;
/** Maximum number of faults of one name in a run, so that the run ends. */
const TIMES_MAX = 8;
const TIMES_MAX_OF: Readonly<Partial<Record<Fault, number>>> = {
  hang: 1,
  'restart-source': 1,
  'restart-target': 1,
  'disk-full': 2,
  'terminate-backends': 3,
  ddl: 1,
  'disabled-trigger': 1,
};
/** Maximum number of faults of one name at one kind of point: few, so that later stages get faults, too. */
const timesMaxAt = (ordinal: number): number => 1 + Math.floor(Math.log2(ordinal) / 4);

/**
 * Decides which fault to inject at which point, by the seed and the name of the point, with a minimum time between two.
 * A fault that is selected too early is deferred to its next point.
 */
export class Chooser {
  private readonly times = new Map<string, number>();
  private readonly deferred = new Set<Fault>();
  private readonly budget: FaultBudget;
  private lastMs = -Infinity;

  constructor(private readonly options: ChooserOptions) {
    this.budget = options.budget ?? new FaultBudget();
  }

  /** Returns the fault to inject here, or null. The caller injects it, or defers it. */
  choose(point: Point, candidates: readonly Fault[]): Fault | null {
    const wanted = candidates.filter(
      (fault) => this.isAllowed(fault, point) && this.isSelected(fault, point),
    );
    const tooSoon = performance.now() - this.lastMs < (this.options.pauseMs ?? PAUSE_MS);
    // The rarest of several faults is injected, so that every name gets its turn; the others are deferred.
    const chosen = tooSoon ? undefined : wanted.sort((left, right) => this.rank(left) - this.rank(right))[0];
    for (const fault of wanted) this.deferred.add(fault);
    if (chosen === undefined) return null;
    this.deferred.delete(chosen);
    this.lastMs = performance.now();
    this.count(chosen, point, 1);
    return chosen;
  }

  /** Reverses a choice that could not be injected; the fault is tried again at its next point. */
  defer(fault: Fault, point: Point): void {
    this.count(fault, point, -1);
    this.lastMs -= (this.options.pauseMs ?? PAUSE_MS) - RETRY_MS;
    this.deferred.add(fault);
  }

  private isAllowed(fault: Fault, point: Point): boolean {
    const here = this.times.get(nameOf(fault, point)) ?? 0;
    return (
      (this.times.get(fault) ?? 0) < (TIMES_MAX_OF[fault] ?? TIMES_MAX) &&
      here < timesMaxAt(point.ordinal) &&
      this.budget.allowsFault(point.functionName, fault)
    );
  }

  /** Orders faults by how often they were injected; deferred ones come first among equals. */
  private rank(fault: Fault): number {
    return (this.times.get(fault) ?? 0) - (this.deferred.has(fault) ? 0.5 : 0);
  }

  private isSelected(fault: Fault, { functionName, operation, ordinal }: Point): boolean {
    return (
      this.deferred.has(fault) ||
      seededFraction(this.options.seed, fault, functionName, operation, ordinal) < CHANCE
    );
  }

  private count(fault: Fault, point: Point, more: number): void {
    this.budget.record(point.functionName, fault, more);
    for (const name of [fault, nameOf(fault, point)])
      this.times.set(name, (this.times.get(name) ?? 0) + more);
  }
}

const nameOf = (fault: Fault, { functionName, operation }: Point): string =>
  [fault, functionName, operation].join(' ');
