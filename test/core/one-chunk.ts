/** A trial whose only chunk is copied repeatedly, by copiers that die, hang or lose responses. */
import type { Leases, Writer } from '../../src/core/ports';
import type { World } from '../../src/core/world';
import { scopeOf, type ChunkRecord } from '../../src/core/ledger';
import type { Setup } from '../support/trial-definition';
import { overriding, startLab, withEnd, type Lab, type Trial } from '../support/world';

/** 900 bytes a row: several pages, however their size is chosen. */
export const ROWS = 4_000;
export const SETUP: Setup = {
  tables: 'CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL)',
  seed: `INSERT INTO t SELECT n, repeat(md5(n::text), 28) FROM generate_series(1, ${ROWS}) AS n; ANALYZE t`,
  map: [{ source: 'shop.t', target: 'shop.t' }],
};

type Ledger = World['control']['chunks'];

export class OneChunk {
  private attempt = 0;

  private constructor(
    readonly lab: Lab,
    readonly trial: Trial,
    /** Rows of the source. */
    readonly content: string,
  ) {}

  static async start(): Promise<OneChunk> {
    const lab = await startLab();
    const trial = await lab.trial(SETUP);
    await trial.begin();
    await trial.walk('plan');
    return new OneChunk(lab, trial, await trial.source.content('t'));
  }

  stop(): Promise<void> {
    return this.lab.stop();
  }

  /** Opens the chunk again if it is closed, for a new attempt. */
  async reopen(): Promise<void> {
    if ((await this.chunk()).state !== 'closed') return;
    this.attempt += 1;
    await this.trial.control.chunks.reopen(this.trial.item(0), { reopened: this.attempt, recopied: false });
  }

  async chunk(): Promise<ChunkRecord> {
    return (await this.trial.chunks())[0]!;
  }

  lease() {
    return this.trial.world().ends.target.leases.read(scopeOf(this.trial.of, 'target', this.trial.item(0)));
  }

  copy(world: World = this.trial.world()) {
    return this.trial.copy(0, world);
  }

  copied(): Promise<string> {
    return this.trial.target.content('t');
  }

  withWriter(methods: (writer: Writer) => Partial<Writer>, world: World = this.trial.world()): World {
    return withEnd(world, 'target', ({ writer }) => ({ writer: methods(writer) }));
  }

  withLeases(methods: (leases: Leases) => Partial<Leases>, world: World = this.trial.world()): World {
    return withEnd(world, 'target', ({ leases }) => ({ leases: methods(leases) }));
  }

  withLedger(methods: (ledger: Ledger) => Partial<Ledger>): World {
    const world = this.trial.world();
    const chunks = overriding(world.control.chunks, methods(world.control.chunks));
    return { ...world, control: overriding(world.control, { chunks }) };
  }
}

/** Runs `fault` in the place of the nth call, and every other call as it is. */
export function atCall<A extends unknown[], R>(
  nth: number,
  call: (...args: A) => Promise<R>,
  fault: (run: () => Promise<R>) => Promise<R>,
) {
  let calls = 0;
  return (...args: A): Promise<R> => {
    calls += 1;
    return calls === nth ? fault(() => call(...args)) : call(...args);
  };
}

export type Hang = <R>(run: () => Promise<R>) => Promise<R>;

/** A wait that continues normally once it is released. */
export function hanger(): { hang: Hang; hangs: Promise<void>; wake: () => void } {
  let wake = (): void => undefined;
  let noted = (): void => undefined;
  const woken = new Promise<void>((resolve) => (wake = resolve));
  const hangs = new Promise<void>((resolve) => (noted = resolve));
  const hang: Hang = async (run) => {
    noted();
    await woken;
    return run();
  };
  return { hang, hangs, wake };
}
