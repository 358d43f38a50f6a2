/** Chooses by a seed which worker takes the next step, and which fault it suffers. */
import type fc from 'fast-check';
import { TransientFailure } from '../../../src/core/errors';
import type { Clock } from '../../../src/core/ports';

/** The fault of one call. */
export type Fault =
  | 'none'
  /** Executed; the response is lost. */
  | 'lost'
  /** The response is lost, and the request arrives later. */
  | 'late'
  /** Executed with a response, and the request arrives again later. */
  | 'twice';

const STEP_MS = 10;
/** A step that takes longer waits for a lock that another step holds; an application's gives up much sooner. */
const BLOCKED_MS = 2_000;

/** One step at a time: a call ends before another one starts, unless it waits for a lock. */
export class Steps {
  private count = 0;
  private running = 0;
  private quiet = (): void => undefined;
  readonly trace: string[] = [];

  constructor(
    private readonly scheduler: fc.Scheduler,
    /** Drawn for one call after another; then none any more. */
    private readonly faults: readonly Fault[],
    /** How many waiting calls start at once, drawn for one step after another; then one. */
    private readonly together: readonly number[],
    /** How many turns a call is late, drawn for one late call after another, and then from the first again. */
    private readonly delays: readonly number[],
  ) {}

  readonly clock: Clock = {
    now: () => this.count * STEP_MS,
    sleep: (ms) => this.turn(`sleep ${ms}`),
  };

  private drawn = 0;
  private delayed = 0;
  nextFault(): Fault {
    this.drawn += 1;
    return this.faults[this.drawn - 1] ?? 'none';
  }

  /** Waits for its turn. */
  turn(label: string): Promise<void> {
    return this.scheduler.schedule(Promise.resolve(), label);
  }

  /** Lets turns go by: what is late is late by more than a moment. */
  async delay(label: string): Promise<void> {
    this.delayed += 1;
    const turns = this.delays[this.delayed % this.delays.length] ?? 0;
    for (let turn = 0; turn < turns; turn += 1) await this.turn(label);
  }

  /** Waits for its turn, then runs; no other call gets a turn until it has ended. */
  async run<T>(label: string, call: () => Promise<T>, isLate: () => boolean = () => false): Promise<T> {
    await this.turn(label);
    if (isLate()) await this.delay(label);
    this.trace.push(`${this.count} ${label}`);
    this.running += 1;
    try {
      return await call();
    } finally {
      this.running -= 1;
      if (this.running === 0) this.quiet();
    }
  }

  /** Gives turns until `over` returns true, or no call waits for one. */
  async go(over: () => boolean): Promise<void> {
    while (!over() && this.scheduler.count() > 0) {
      const turns = Math.min(this.together[this.count] ?? 1, this.scheduler.count());
      this.count += 1;
      for (let turn = 0; turn < turns; turn += 1) await this.scheduler.waitOne();
      await this.settle();
      if (this.count > 20_000) throw new Error('the run does not end');
    }
  }

  private async settle(): Promise<void> {
    await new Promise(setImmediate);
    if (this.running > 0) {
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([
        new Promise<void>((resolve) => (this.quiet = resolve)),
        new Promise<void>((resolve) => (timer = setTimeout(resolve, BLOCKED_MS))),
      ]);
      clearTimeout(timer);
    }
    await new Promise(setImmediate);
  }
}

/** One worker, whose calls wait for their turns. After it is abandoned they are still sent, but their responses are dropped. */
export class Worker {
  abandoned = false;
  stopped = false;
  /** It finished its work, or learned that another worker does it. */
  ended = false;
  private readonly name: string;

  constructor(
    readonly role: string,
    number: number,
    private readonly steps: Steps,
  ) {
    this.name = `${role} #${number}`;
  }

  /** The same port whose every call is a step; responses of `faulty` calls may be lost. */
  port<T extends object>(port: T, faulty: boolean): T {
    return new Proxy(port, {
      get: (target, method): unknown => {
        const value: unknown = Reflect.get(target, method);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) =>
          this.call(`${this.name} ${String(method)}`, faulty ? this.steps.nextFault() : 'none', async () =>
            (value as (...of: unknown[]) => Promise<unknown>).apply(target, args),
          );
      },
    });
  }

  get clock(): Clock {
    const { clock } = this.steps;
    return { now: () => clock.now(), sleep: (ms) => clock.sleep(ms).then(() => this.alive()) };
  }

  private async call<T>(label: string, fault: Fault, call: () => Promise<T>): Promise<T> {
    const later = () => void this.steps.run(`${label} (late)`, call, () => true).catch(() => undefined);
    if (fault === 'late') {
      later();
      await this.steps.turn(`${label} (no response)`);
      await this.alive();
      throw new TransientFailure(`the test drops the response of ${label}`);
    }
    const step = fault === 'none' ? label : `${label} (${fault})`;
    const settled = await this.steps.run(
      step,
      () => outcome(call),
      () => this.abandoned,
    );
    if (fault === 'twice') later();
    await this.alive();
    if (fault === 'lost') throw new TransientFailure(`the test drops the response of ${label}`);
    if (settled.ok) return settled.value;
    throw settled.error;
  }

  /** An abandoned worker goes no further. */
  private alive(): Promise<void> {
    return this.abandoned ? never() : Promise.resolve();
  }
}

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

const outcome = <T>(call: () => Promise<T>): Promise<Outcome<T>> =>
  call().then(
    (value) => ({ ok: true, value }),
    (error: unknown) => ({ ok: false, error }),
  );
