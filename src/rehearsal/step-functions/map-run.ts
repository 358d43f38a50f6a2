import type { Clock } from './clock';
import { Halted } from './errors';
import type { Execution } from './execution';
import type { Json } from './json';
import type { MapRunCounts, MapRunRecord, Outcome } from './records';
import { Scope } from './scope';
import type { MapRunHandle, MapRunStart } from './state-kind';

const COUNTER: Readonly<Record<Outcome['status'], 'succeeded' | 'failed' | 'timedOut' | 'aborted'>> = {
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  TIMED_OUT: 'timedOut',
  ABORTED: 'aborted',
};

export const newCounts = (total: number): MapRunCounts => ({
  pending: total,
  running: 0,
  succeeded: 0,
  failed: 0,
  timedOut: 0,
  aborted: 0,
  total,
});

export interface MapRunHooks {
  launch(input: Json, itemCount: number): Execution;
  /** The Map Run has ended; its record is final. */
  onClose(): void;
}

/** One run of a Distributed Map: starts children, counts their ends, and stops them all when it ends early. */
export class MapRun implements MapRunHandle {
  readonly mapRunArn: string;
  readonly done: Promise<{ outputs: Json[] } | 'too many failed'>;
  private finish: (value: { outputs: Json[] } | 'too many failed') => void = () => undefined;
  private readonly scope = new Scope();
  private readonly running = new Set<Execution>();
  /** Of the succeeded children, by the position of their input. */
  private readonly outputs = new Map<number, string>();
  private nextChild = 0;

  constructor(
    readonly record: MapRunRecord,
    private readonly start: MapRunStart,
    private readonly clock: Clock,
    private readonly pace: Pace,
    private readonly hooks: MapRunHooks,
  ) {
    this.mapRunArn = record.mapRunArn;
    this.done = new Promise((resolve) => {
      this.finish = resolve;
    });
    // Children start after the caller has recorded the Map Run.
    queueMicrotask(() => void this.run());
  }

  /** Ends the run because its parent ended; nobody waits for `done` any more. */
  abort(): void {
    this.end('ABORTED');
  }

  private async run(): Promise<void> {
    const lanes = Math.min(this.start.maxConcurrency, this.start.children.length);
    await Promise.all(Array.from({ length: lanes }, () => this.lane()));
    if (this.record.status !== 'RUNNING') return;
    this.end('SUCCEEDED');
    const inOrder = [...this.outputs.entries()].sort(([left], [right]) => left - right);
    this.finish({ outputs: inOrder.map(([, output]) => JSON.parse(output) as Json) });
  }

  private async lane(): Promise<void> {
    try {
      while (this.record.status === 'RUNNING') {
        const index = this.nextChild++;
        const child = this.start.children[index];
        if (!child) return;
        await this.pace.turn(this.clock, this.scope);
        await this.runChild(index, child.input, child.itemCount);
      }
    } catch (error) {
      if (!(error instanceof Halted)) throw error;
    }
  }

  private async runChild(index: number, input: Json, itemCount: number): Promise<void> {
    this.scope.throwIfHalted();
    const execution = this.hooks.launch(input, itemCount);
    this.running.add(execution);
    this.move('pending', 'running', itemCount);
    const outcome = await execution.settled;
    // When the run ends early it counts its children itself, at once.
    if (!this.running.delete(execution)) return;
    this.move('running', COUNTER[outcome.status], itemCount);
    if (outcome.output !== undefined) this.outputs.set(index, outcome.output);
    if (this.record.status !== 'RUNNING' || !this.exceedsTolerance()) return;
    this.end('FAILED');
    this.finish('too many failed');
  }

  private exceedsTolerance(): boolean {
    const { failed, timedOut, aborted, total } = this.record.itemCounts;
    const bad = failed + timedOut + aborted;
    const { toleratedFailureCount: count, toleratedFailurePercentage: percentage } = this.start;
    if (count === undefined && percentage === undefined) return bad > 0;
    return (
      (count !== undefined && bad > count) || (percentage !== undefined && (bad / total) * 100 > percentage)
    );
  }

  private end(status: 'SUCCEEDED' | 'FAILED' | 'ABORTED'): void {
    if (this.record.status !== 'RUNNING') return;
    this.record.status = status;
    this.record.stopMs = this.clock.nowMs();
    this.scope.halt(new Halted(0));
    for (const execution of [...this.running]) {
      this.running.delete(execution);
      execution.close({ status: 'ABORTED', cause: `The Map Run ended: ${status}.` });
      this.move('running', 'aborted', execution.record.itemCount ?? 1);
    }
    const { itemCounts, executionCounts } = this.record;
    for (const counts of [itemCounts, executionCounts]) {
      counts.aborted += counts.pending;
      counts.pending = 0;
    }
    this.hooks.onClose();
  }

  private move(from: keyof MapRunCounts, to: keyof MapRunCounts, itemCount: number): void {
    const { itemCounts, executionCounts } = this.record;
    itemCounts[from] -= itemCount;
    itemCounts[to] += itemCount;
    executionCounts[from] -= 1;
    executionCounts[to] += 1;
  }
}

/** At most so many turns within any second. */
export class Pace {
  private readonly turnsMs: number[] = [];
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly perSecondMax: number) {}

  /** Resolves when it is the caller's turn; rejects with Halted when the scope ends first. */
  turn(clock: Clock, scope: Scope): Promise<void> {
    const mine = this.last.then(() => this.take(clock, scope));
    this.last = mine.catch(() => undefined);
    return mine;
  }

  private async take(clock: Clock, scope: Scope): Promise<void> {
    scope.throwIfHalted();
    if (this.turnsMs.length >= this.perSecondMax) {
      const freeMs = (this.turnsMs.shift() ?? 0) + 1000;
      const leftMs = freeMs - clock.nowMs();
      if (leftMs > 0) await scope.wait(clock, leftMs);
    }
    this.turnsMs.push(clock.nowMs());
  }
}
