import type { Clock } from './clock';
import { readJson } from './json';
import { Halted } from './errors';
import type { Execution } from './execution';
import type { Json } from './json';
import type { MapRunCounts, MapRunRecord, Outcome } from './records';
import { Scope } from './scope';
import type { MapRunHandle, MapRunStart } from './map-run-handle';

type Counter = Exclude<keyof MapRunCounts, 'total' | 'failuresNotRedrivable'>;
type RunResult = { outputs: Json[] } | 'tolerance exceeded';

const COUNTER: Readonly<Record<Outcome['status'], Counter>> = {
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  TIMED_OUT: 'timedOut',
  ABORTED: 'aborted',
};

export const createCounts = (total: number): MapRunCounts => ({
  pending: total,
  running: 0,
  succeeded: 0,
  failed: 0,
  timedOut: 0,
  aborted: 0,
  total,
  failuresNotRedrivable: 0,
  pendingRedrive: 0,
});

export interface MapRunHooks {
  startChild(input: Json, itemCount: number): Execution;
  /** Redrives a child. Returns its final status if it cannot be redriven. */
  redriveChild(executionArn: string): Execution | Outcome['status'];
  setPending(executionArn: string, pending: boolean): void;
  /** Called when the Map Run has ended. */
  onClose(): void;
}

/** A child workflow execution, started or still waiting, and the counter that includes it. */
interface Child {
  readonly input: Json;
  readonly itemCount: number;
  executionArn?: string;
  countedAs: Counter;
  /** JSON text; only of a successful child. */
  output?: string;
}

interface RunAttempt {
  readonly scope: Scope;
  /** Number of workers; each runs one child at a time. */
  workers: number;
}

/** A Map Run: starts children, counts their outcomes, and aborts the remaining ones when it ends early. */
export class MapRun implements MapRunHandle {
  readonly mapRunArn: string;
  /** The result of the first run or, after a redrive, of the last redrive. */
  done: Promise<RunResult>;
  private finish!: (value: RunResult) => void;
  private attempt: RunAttempt = { scope: new Scope(), workers: 0 };
  private readonly children: Child[];
  private readonly running = new Map<Child, Execution>();
  private waiting: Child[] = [];
  private tolerance: { count: number | undefined; percentage: number | undefined };

  constructor(
    readonly record: MapRunRecord,
    start: MapRunStart,
    private readonly clock: Clock,
    private readonly rateLimiter: RateLimiter,
    private readonly lagMs: number,
    private readonly hooks: MapRunHooks,
  ) {
    this.mapRunArn = record.mapRunArn;
    this.children = start.children.map((child) => ({ ...child, countedAs: 'pending' }));
    this.tolerance = { count: start.toleratedFailureCount, percentage: start.toleratedFailurePercentage };
    this.done = this.startAttempt();
  }

  get redriveCount(): number {
    return this.record.redriveCount ?? 0;
  }

  /** Redrives the children that did not succeed. Waits first if the previous run has not ended yet. */
  async redrive(): Promise<void> {
    if (this.record.status === 'RUNNING') await this.done;
    const { record } = this;
    Object.assign(record, { status: 'RUNNING', stopMs: undefined, redriveMs: this.clock.nowMs() });
    record.redriveCount = this.redriveCount + 1;
    record.itemCounts.failuresNotRedrivable = 0;
    record.executionCounts.failuresNotRedrivable = 0;
    for (const child of this.children) {
      if (child.countedAs === 'succeeded') continue;
      if (child.executionArn === undefined) this.count(child, 'pending');
      else {
        this.count(child, 'pendingRedrive');
        this.hooks.setPending(child.executionArn, true);
      }
    }
    this.attempt = { scope: new Scope(), workers: 0 };
    this.done = this.startAttempt();
  }

  /** Changes the settings immediately; a lower concurrency takes effect as children end. */
  update(settings: {
    readonly maxConcurrency?: number | undefined;
    readonly toleratedFailureCount?: number | undefined;
    readonly toleratedFailurePercentage?: number | undefined;
  }): void {
    const given = Object.entries(settings).filter(([, value]) => value !== undefined);
    Object.assign(this.record, Object.fromEntries(given));
    this.tolerance = {
      count: settings.toleratedFailureCount ?? this.tolerance.count,
      percentage: settings.toleratedFailurePercentage ?? this.tolerance.percentage,
    };
    this.startWorkers();
    this.failIfExceeded();
  }

  /** Aborts the run because its parent has ended, after the lag. */
  abort(): void {
    if (this.lagMs === 0) return this.end('ABORTED', { outputs: [] });
    const delayedEnd = this.attempt.scope
      .wait(this.clock, this.lagMs)
      .then(() => this.end('ABORTED', { outputs: [] }));
    delayedEnd.catch(() => undefined);
  }

  private startAttempt(): Promise<RunResult> {
    this.waiting = this.children.filter(({ countedAs }) => ['pending', 'pendingRedrive'].includes(countedAs));
    const done = new Promise<RunResult>((resolve) => {
      this.finish = resolve;
    });
    // The caller records the Map Run before the first child starts.
    queueMicrotask(() => {
      this.startWorkers();
      this.succeedIfComplete();
    });
    return done;
  }

  private startWorkers(): void {
    const { attempt } = this;
    const wanted = Math.min(this.record.maxConcurrency, this.running.size + this.waiting.length);
    while (attempt.workers < wanted && this.record.status === 'RUNNING') {
      attempt.workers += 1;
      void this.runWorker(attempt);
    }
  }

  private async runWorker(attempt: RunAttempt): Promise<void> {
    try {
      while (this.waiting.length > 0 && attempt.workers <= this.record.maxConcurrency) {
        await this.rateLimiter.acquire(this.clock, attempt.scope);
        const child = this.waiting.shift();
        if (child) await this.runChild(child);
      }
    } catch (error) {
      if (!(error instanceof Halted)) throw error;
    } finally {
      attempt.workers -= 1;
    }
    this.succeedIfComplete();
  }

  private async runChild(child: Child): Promise<void> {
    const execution = this.startOrRedrive(child);
    if (!execution) return this.failIfExceeded();
    this.running.set(child, execution);
    this.count(child, 'running');
    const outcome = await execution.settled;
    // A run that ended early has already counted its children.
    if (this.running.get(child) !== execution) return;
    this.running.delete(child);
    this.count(child, COUNTER[outcome.status]);
    if (outcome.output !== undefined) child.output = outcome.output;
    this.failIfExceeded();
  }

  private startOrRedrive(child: Child): Execution | undefined {
    if (child.executionArn === undefined) {
      const execution = this.hooks.startChild(child.input, child.itemCount);
      child.executionArn = execution.record.executionArn;
      return execution;
    }
    this.hooks.setPending(child.executionArn, false);
    const execution = this.hooks.redriveChild(child.executionArn);
    if (typeof execution !== 'string') return execution;
    this.count(child, COUNTER[execution]);
    this.record.itemCounts.failuresNotRedrivable += child.itemCount;
    this.record.executionCounts.failuresNotRedrivable += 1;
    return undefined;
  }

  private succeedIfComplete(): void {
    if (this.record.status !== 'RUNNING' || this.waiting.length + this.running.size > 0) return;
    const outputs = this.children.flatMap(({ output }) => (output === undefined ? [] : [readJson(output)]));
    this.end('SUCCEEDED', { outputs });
  }

  private failIfExceeded(): void {
    if (this.record.status === 'RUNNING' && this.exceedsTolerance()) this.end('FAILED', 'tolerance exceeded');
  }

  private exceedsTolerance(): boolean {
    const { failed, timedOut, aborted, total } = this.record.itemCounts;
    const unsuccessful = failed + timedOut + aborted;
    const { count, percentage } = this.tolerance;
    if (count === undefined && percentage === undefined) return unsuccessful > 0;
    return (
      (count !== undefined && unsuccessful > count) ||
      (percentage !== undefined && (unsuccessful / total) * 100 > percentage)
    );
  }

  private end(status: 'SUCCEEDED' | 'FAILED' | 'ABORTED', done: RunResult): void {
    if (this.record.status !== 'RUNNING') return;
    this.record.status = status;
    this.record.stopMs = this.clock.nowMs();
    this.attempt.scope.halt(new Halted());
    for (const [child, execution] of [...this.running]) {
      this.running.delete(child);
      execution.close({ status: 'ABORTED', cause: `The Map Run ended: ${status}.` });
      this.count(child, 'aborted');
    }
    for (const child of this.waiting.splice(0)) {
      if (child.executionArn !== undefined) this.hooks.setPending(child.executionArn, false);
      this.count(child, 'aborted');
    }
    this.hooks.onClose();
    this.finish(done);
  }

  private count(child: Child, as: Counter): void {
    const { itemCounts, executionCounts } = this.record;
    itemCounts[child.countedAs] -= child.itemCount;
    executionCounts[child.countedAs] -= 1;
    itemCounts[as] += child.itemCount;
    executionCounts[as] += 1;
    child.countedAs = as;
  }
}

/** Limits the number of starts within any second. */
export class RateLimiter {
  private readonly acquiredMs: number[] = [];
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly perSecondMax: number) {}

  /** Resolves when the caller may start a child. Rejects with Halted if the scope is halted first. */
  acquire(clock: Clock, scope: Scope): Promise<void> {
    const mine = this.last.then(() => this.take(clock, scope));
    this.last = mine.catch(() => undefined);
    return mine;
  }

  private async take(clock: Clock, scope: Scope): Promise<void> {
    scope.throwIfHalted();
    if (this.acquiredMs.length >= this.perSecondMax) {
      const freeMs = (this.acquiredMs.shift() ?? 0) + 1000;
      const leftMs = freeMs - clock.nowMs();
      if (leftMs > 0) await scope.wait(clock, leftMs);
    }
    this.acquiredMs.push(clock.nowMs());
  }
}
