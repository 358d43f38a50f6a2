/**
 * One run: copiers and appliers over the real databases while an application writes, workers are abandoned, succeeded and
 * come late, chunks open and close. In the end both sides must be equal, and what comes later still must change nothing.
 */
import fc from 'fast-check';
import { applyPartition } from '../../../src/core/sync/apply-changes';
import { copyChunk } from '../../../src/core/backfill/copy-chunk';
import { DirtyWatch } from '../../../src/core/sync/dirty-watch';
import type { Layout } from '../../../src/core/layout';
import { scopePrefix } from '../../../src/core/ledger';
import type { Authority, ChangeLog } from '../../../src/core/ports';
import type { World } from '../../../src/core/world';
import type { Parameters } from '../../../src/adapters/postgres/database';
import { DatabaseLeases } from '../../../src/adapters/postgres/leases';
import { versionedDatabase } from '../../../src/adapters/postgres/versioned-database';
import { DatabaseWriter } from '../../../src/adapters/postgres/writer';
import { pooledDatabase } from '../../support/pg-database';
import { type Lab, type Trial, startLab } from '../../support/world';
import { ROWS, SCENES, type Op, type Scene } from './scenes';
import { plan, type Event } from './plans';
import { Steps, Worker } from './steps';
import { flowFor } from './worker-flow';

/** Takes a protection away: statements or ports as they would be without it. */
export interface Sabotage {
  /** A statement to the target, as it would be without. */
  readonly sql?: (sql: string) => string;
  /** The ports of the workers, where every call is a step. */
  readonly world?: (world: World) => World;
  /** The ports of an applier, in steps. */
  readonly log?: (log: ChangeLog, steps: Steps) => ChangeLog;
}

export interface Result {
  readonly failed: boolean;
  /** The violations, and the steps that led to them. */
  readonly story: string;
}

/** Databases that runs share, one after another: each is a separate generation. */
export class Arena {
  private generation = 1;

  private constructor(
    private readonly lab: Lab,
    private readonly trial: Trial,
    private readonly layouts: ReadonlyMap<string, Layout>,
  ) {}

  static async open(): Promise<Arena> {
    const lab = await startLab();
    const trial = await lab.trial({
      tables: SCENES.map(({ ddl }) => ddl).join(';'),
      map: SCENES.map(({ table, by }) => ({
        source: `shop.${table}`,
        target: `shop.${table}`,
        ...(by === undefined ? {} : { chunking: { by } }),
      })),
      definition: { shape: 'cdc' },
    });
    await trial.begin();
    await trial.walk('prepare');
    const described = await trial.world().describe('forward');
    // Pages of wide tables end where nothing comes any more, however few rows the page before had.
    const layouts = new Map(described.map(({ table, layout }) => [table, { ...layout, wide: true }]));
    return new Arena(lab, trial, layouts);
  }

  close(): Promise<void> {
    return this.lab.stop();
  }

  /** The same seed is the same run, but for what happens at the same moment within the databases. */
  async run(seed: number, sabotage: Sabotage = {}): Promise<Result> {
    let trace: readonly string[] = [];
    const property = fc.asyncProperty(fc.scheduler(), plan, async (scheduler, drawn) => {
      this.generation += 1;
      const steps = new Steps(scheduler, drawn.faults, drawn.together, drawn.delays);
      trace = steps.trace;
      const run = new Run(this.trial, this.layouts, this.generation, SCENES[drawn.scene]!, steps, sabotage);
      try {
        await run.play(drawn.events);
      } finally {
        await run.close();
      }
    });
    const details = await fc.check(property, { seed, numRuns: 1, endOnFailure: true });
    const error = details.errorInstance;
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return {
      failed: details.failed,
      story: details.failed ? `seed ${seed}: ${message}\n${trace.join('\n')}` : '',
    };
  }
}

/** Steps between two checks for remaining work, and the limit of checks: most steps are turns of late calls. */
const ROUND_STEPS = 60;
const ROUNDS_MAX = 250;

class Run {
  private readonly workers: Worker[] = [];
  private readonly busy = new Set<Promise<unknown>>();
  private readonly sessions: Awaited<ReturnType<Trial['source']['session']>>[] = [];
  private readonly tableName: string;
  private readonly layout: Layout;
  private weakened: ReturnType<typeof pooledDatabase> | null = null;
  private weakenedControl: ReturnType<typeof pooledDatabase> | null = null;
  private failure: { readonly error: unknown } | null = null;
  private authority!: Authority;
  private capture = '';
  private chunks = 0;
  private attempt = 0;
  /** That have not ended yet. */
  private transactions = 0;

  constructor(
    private readonly trial: Trial,
    layouts: ReadonlyMap<string, Layout>,
    private readonly generation: number,
    private readonly scene: Scene,
    private readonly steps: Steps,
    private readonly sabotage: Sabotage,
  ) {
    this.tableName = `shop.${scene.table}`;
    this.layout = layouts.get(this.tableName)!;
  }

  async play(events: readonly Event[]): Promise<void> {
    await this.prepare();
    let happened = 0;
    const list = async () => {
      for (const one of events) {
        await this.steps.turn(`event ${one.kind}`);
        this.happen(one);
        happened += 1;
      }
    };
    this.watch(list());
    await this.go(() => happened === events.length);
    await this.drain();
    for (const worker of this.workers) worker.abandoned = true;
    const rows = await this.contents();
    expect(rows.target).toEqual(rows.source);
    // Requests still in flight arrive now, when no caller waits for them.
    await this.go(() => false);
    expect(await this.contents()).toEqual(rows);
  }

  async close(): Promise<void> {
    for (const session of this.sessions) await session.end();
    await this.weakened?.close();
    await this.weakenedControl?.close();
    await this.trial.world().ends.source.installer.stopCapture(this.authority);
  }

  private async prepare(): Promise<void> {
    const { source, target, name, control } = this.trial;
    const { scene, layout, generation, tableName: table } = this;
    const world = this.world();
    for (const side of [source, target]) await side.sql(`UPDATE sluice.guard SET generation = ${generation}`);
    this.authority = { ...(await this.trial.authority()), generation };
    await source.sql(`DELETE FROM ${scene.table}; ${scene.seed}`);
    await target.sql(`DELETE FROM shop.${scene.table}`, 'sluice_worker');
    this.capture = (await world.ends.source.installer.startCapture(this.authority, table, layout, 1e9)).id;
    const last = await world.ends.source.reader.lastKey(layout);
    this.chunks = await world.ends.target.leases.plan(
      this.authority,
      layout,
      this.prefix(),
      scene.boundaries,
      last,
    );
    if (last !== null) await world.ends.source.log.enqueue(layout, this.capture, [last]);
    const record = { table, chunks: this.chunks, rowsEstimated: ROWS, layout };
    await control.chunks.plan(name, generation, record, last === null ? [] : [this.chunks - 1]);
  }

  private happen(one: Event): void {
    switch (one.kind) {
      case 'transaction':
        return this.watch(this.transaction(one.ops, one.commit));
      case 'copier':
        return this.startCopier(one.which % this.chunks);
      case 'applier':
        return this.startApplier(one.which % this.layout.partitions);
      case 'abandon': {
        const alive = this.workers.filter(({ abandoned }) => !abandoned);
        const victim = alive[one.which % Math.max(1, alive.length)];
        if (victim) victim.abandoned = true;
        return;
      }
      case 'reopen':
        return this.watch(this.reopen(one.which % this.chunks));
    }
  }

  /** Statement by statement, each at its own time. A lock that it cannot have ends it. */
  private async transaction(ops: readonly Op[], commit: boolean): Promise<void> {
    this.transactions += 1;
    const session = await this.steps.run('app BEGIN', async () => {
      const opened = await this.trial.source.session('app');
      this.sessions.push(opened);
      await opened.query(`BEGIN; SET LOCAL lock_timeout = '25ms'`);
      return opened;
    });
    try {
      for (const one of ops) {
        const sql = this.scene.sql(one);
        await this.steps.run(`app ${sql.replace(/\s+/g, ' ').replace(/-{9,}/g, '--…')}`, () =>
          session.query(sql),
        );
      }
      const end = commit ? 'COMMIT' : 'ROLLBACK';
      await this.steps.run(`app ${end}`, () => session.query(end));
    } catch (error) {
      if (!/^(55P03|40P01|23505)$/.test((error as { code?: string }).code ?? '')) throw error;
      await session.query('ROLLBACK');
    }
    this.transactions -= 1;
  }

  private startCopier(chunk: number): void {
    const worker = this.hire(`copier of ${chunk}`);
    const world = this.world();
    const { control } = this.trial;
    const ledger = worker.port(control.chunks, false);
    const copier = async () => {
      const claimed = await ledger.claim(this.chunk(chunk));
      if (!claimed) return;
      const ports = {
        ...flowFor(worker, world),
        ledger,
        clock: worker.clock,
        refusalOf: world.refusalOf,
      };
      const { reopened } = claimed.record;
      await copyChunk(ports, {
        authority: this.authority,
        chunk: claimed.chunk,
        layout: this.layout,
        before: claimed.record,
        attempt: reopened,
        clear: reopened > 0,
        capture: this.capture,
        rowsPerSecondMax: null,
        salt: 'salt',
        remainingMs: () => 3_600_000,
      });
    };
    this.watch(
      copier()
        .catch(tolerated)
        .finally(() => (worker.ended = true)),
    );
  }

  private startApplier(partition: number): void {
    const worker = this.hire(`applier of ${partition}`);
    const world = this.world();
    const { log: weakened = (log: ChangeLog) => log } = this.sabotage;
    const { from, to } = flowFor(worker, world);
    const log = weakened(from.log, this.steps);
    const id = { migration: this.trial.name, generation: this.generation, table: this.tableName, partition };
    const ports = {
      from: { ...from, log },
      to,
      partitions: worker.port(this.trial.control.partitions, false),
      clock: worker.clock,
      refusalOf: world.refusalOf,
    };
    const applied = applyPartition(ports, {
      authority: this.authority,
      partition: id,
      layout: this.layout,
      capture: this.capture,
      salt: 'salt',
      watch: new DirtyWatch(log, worker.clock, [this.capture]),
      stop: () => worker.stopped,
    });
    this.watch(applied.catch(tolerated).finally(() => (worker.ended = true)));
  }

  private async reopen(chunk: number): Promise<void> {
    this.attempt += 1;
    const attempt = { reopened: this.attempt, recopied: false };
    await this.steps.run(`reopen ${chunk}`, () =>
      this.trial.control.chunks.reopen(this.chunk(chunk), attempt),
    );
  }

  /** All workers are abandoned; successors copy what is open and apply what is dirty, until nothing is left. */
  private async drain(): Promise<void> {
    for (const worker of this.workers) worker.abandoned = true;
    for (let round = 0; !(await this.isDrained()); round += 1) {
      if (round === ROUNDS_MAX) throw new Error('what is dirty is never applied');
      await this.succeed();
      let left = ROUND_STEPS;
      await this.go(() => (left -= 1) < 0);
    }
    for (const worker of this.workers) worker.stopped = true;
  }

  /** A worker for everything that has none: as the state machines would, sooner or later. */
  private async succeed(): Promise<void> {
    const alive = new Set(
      this.workers.filter(({ abandoned, ended }) => !abandoned && !ended).map(({ role }) => role),
    );
    for (let partition = 0; partition < this.layout.partitions; partition += 1)
      if (!alive.has(`applier of ${partition}`)) this.startApplier(partition);
    for (const { chunk, state } of await this.trial.control.chunks.list(this.trial.name, this.generation))
      if (state !== 'closed' && !alive.has(`copier of ${chunk}`)) this.startCopier(chunk);
  }

  private async isDrained(): Promise<boolean> {
    const chunks = await this.trial.control.chunks.list(this.trial.name, this.generation);
    const closed = chunks.every(({ state }) => state === 'closed');
    return closed && this.transactions === 0 && (await this.dirty()) === 0;
  }

  private async dirty(): Promise<number> {
    const [row] = await this.trial.source.sql<{ n: number }>(
      'SELECT count(*)::int AS n FROM sluice.change_log',
    );
    return row!.n;
  }

  private hire(role: string): Worker {
    const worker = new Worker(role, this.workers.length, this.steps);
    this.workers.push(worker);
    return worker;
  }

  /** Rows of both ends, as text. */
  private async contents(): Promise<{ source: string[]; target: string[] }> {
    const { source, target } = this.trial;
    return { source: await source.rows(this.scene.table), target: await target.rows(this.scene.table) };
  }

  private world(): World {
    const { sql, world = (as: World) => as } = this.sabotage;
    const real = this.trial.world();
    if (!sql) return world(real);
    this.weakened ??= pooledDatabase(this.trial.target.as('sluice_worker'));
    this.weakenedControl ??= pooledDatabase(this.trial.target.as('sluice_control'));
    const without = (of: ReturnType<typeof pooledDatabase>) => {
      const database = versionedDatabase(of);
      return {
        query: (text: string, parameters?: Parameters) => database.query(sql(text), parameters),
      };
    };
    const [control, worker] = [without(this.weakenedControl), without(this.weakened)];
    const target = {
      ...real.ends.target,
      writer: new DatabaseWriter(worker),
      leases: new DatabaseLeases({ control, worker }, 'target'),
    };
    return world({ ...real, ends: { ...real.ends, target } });
  }

  private prefix = () =>
    scopePrefix({ ...this.trial.of, generation: this.generation }, 'target', this.tableName);

  private chunk(chunk: number) {
    return { migration: this.trial.name, generation: this.generation, table: this.tableName, chunk };
  }

  private watch(work: Promise<unknown>): void {
    this.busy.add(work);
    work.then(
      () => this.busy.delete(work),
      (error: unknown) => (this.failure ??= { error }),
    );
  }

  private async go(over: () => boolean): Promise<void> {
    await this.steps.go(() => this.failure !== null || over());
    if (this.failure) throw this.failure.error;
  }
}

/** Ends of a worker other than finishing its work. */
function tolerated(error: unknown): void {
  const name = error instanceof Error ? error.name : '';
  if (!['FencedOut', 'TransientFailure'].includes(name)) throw error;
}
