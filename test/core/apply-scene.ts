/** A live migration whose chunks and partitions a test serves itself, one by one. */
import { applyPartition, type ApplyOutcome } from '../../src/core/sync/apply-changes';
import { DirtyWatch } from '../../src/core/sync/dirty-watch';
import type { Layout } from '../../src/core/layout';
import { scopePrefix, type PartitionRecord } from '../../src/core/ledger';
import type { End } from '../../src/core/ends';
import type { ChangeLog, Reader, Writer } from '../../src/core/ports';
import type { World } from '../../src/core/world';
import type { Setup } from '../support/trial-definition';
import { type Lab, type Trial, overriding, withEnd } from '../support/world';

export const PLAIN: Setup = {
  tables: 'CREATE TABLE t (id int PRIMARY KEY, v text)',
  seed: `INSERT INTO t SELECT n, 'v' || n FROM generate_series(1, 1000) AS n; ANALYZE t`,
};

/** Its second unique index makes it one partition. */
export const UNIQUE: Setup = {
  ...PLAIN,
  tables: 'CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL UNIQUE)',
};

export class ApplyScene {
  private constructor(
    readonly trial: Trial,
    readonly layout: Layout,
    readonly capture: string,
    readonly table: string,
  ) {}

  /** Captured and planned; nothing is copied, and no applier runs. */
  static async start(lab: Lab, setup: Setup): Promise<ApplyScene> {
    const trial = await lab.trial({ ...setup, definition: { shape: 'cdc', ...setup.definition } });
    await trial.begin();
    await trial.walk('start-capture');
    await trial.stage('plan');
    const world = trial.world();
    const [capture] = await world.ends.source.log.captures(trial.of);
    const { table, layout } = (await world.describe('forward'))[0]!;
    return new ApplyScene(trial, layout, capture!.id, table);
  }

  /** Everything is copied, every chunk closed; the last key has been dirty since the plan. */
  static async copied(lab: Lab, setup: Setup = PLAIN): Promise<ApplyScene> {
    const scene = await ApplyScene.start(lab, setup);
    await scene.trial.copyAll();
    return scene;
  }

  /** The application's transaction. */
  async change(statements: string): Promise<void> {
    await this.trial.source.sql(`BEGIN; ${statements}; COMMIT`, 'app');
  }

  /** Claims a chunk as a copier does, regardless of its state. Returns a function that closes the chunk. */
  async openChunk(chunk: number): Promise<() => Promise<boolean>> {
    const { leases } = this.trial.world().ends.target;
    const scope = `${this.prefix}${chunk}`;
    const token = (await leases.read(scope))!.token + 1;
    await leases.install(await this.trial.authority(), scope, token, 0);
    return () => leases.close(scope, token);
  }

  /** Keys of a table whose key is an integer. */
  async keysOf(chunk: number): Promise<{ first: number; last: number }> {
    const lease = (await this.trial.world().ends.target.leases.read(`${this.prefix}${chunk}`))!;
    const [first, last] = [lease.lower, lease.upper].map((key) => Number(key!.match(/\d+/)![0]));
    return { first: first!, last: last! - 1 };
  }

  get prefix(): string {
    return scopePrefix(this.trial.of, 'target', this.table);
  }

  /** Serves every partition at once, each for some complete passes. */
  async apply(options: Partial<Serving> = {}): Promise<ApplyOutcome[]> {
    const partitions = Array.from({ length: this.layout.partitions }, (_, partition) => partition);
    return Promise.all(partitions.map((partition) => this.serve(partition, options)));
  }

  /** Serves one partition for a number of complete passes, or until it is stopped. */
  async serve(
    partition: number,
    { world = this.trial.world(), passes = 3, stop }: Partial<Serving> = {},
  ): Promise<ApplyOutcome> {
    const bound = new PassBound(world, this.capture, passes);
    return applyPartition(
      { ...world, from: bound.from, to: world.ends.target, partitions: world.control.partitions },
      {
        authority: await this.trial.authority(),
        partition: {
          migration: this.trial.name,
          generation: this.trial.run.generation,
          table: this.table,
          partition,
        },
        layout: this.layout,
        capture: this.capture,
        salt: 'salt',
        watch: bound.watch,
        stop: stop ?? (() => bound.isReached),
      },
    );
  }

  withWriter(methods: (writer: Writer) => Partial<Writer>, world: World = this.trial.world()): World {
    return withEnd(world, 'target', ({ writer }) => ({ writer: methods(writer) }));
  }

  withLog(methods: (log: ChangeLog) => Partial<ChangeLog>): World {
    return withEnd(this.trial.world(), 'source', ({ log }) => ({ log: methods(log) }));
  }

  withReader(methods: (reader: Reader) => Partial<Reader>): World {
    return withEnd(this.trial.world(), 'source', ({ reader }) => ({ reader: methods(reader) }));
  }

  /** Pages of so many entries at most. */
  inPagesOf(entriesMax: number): World {
    return this.withLog((log) => ({
      readDirty: (layout, capture, partition, after, size) =>
        log.readDirty(layout, capture, partition, after, { ...size, entriesMax }),
    }));
  }

  /** Entries in the change log. */
  dirty(): Promise<number> {
    return this.trial.source.count('sluice.change_log');
  }

  async records(): Promise<PartitionRecord[]> {
    return this.trial.control.partitions.list(this.trial.name, this.trial.run.generation);
  }

  /** Both sides' rows. */
  async rows(): Promise<{ source: string[]; target: string[] }> {
    const table = this.table.replace('shop.', '');
    return { source: await this.trial.source.rows(table), target: await this.trial.target.rows(table) };
  }

  async assertEqual(): Promise<void> {
    const { source, target } = await this.rows();
    const targets = new Set(target);
    const sources = new Set(source);
    expect({
      missing: source.filter((row) => !targets.has(row)),
      extra: target.filter((row) => !sources.has(row)),
    }).toEqual({ missing: [], extra: [] });
  }
}

interface Serving {
  readonly world: World;
  readonly passes: number;
  /** In the place of the passes. */
  readonly stop: () => boolean;
}

/** Counts the complete passes of one applier: each starts by reading the log, and ends when its last page is removed from it. */
class PassBound {
  private started = 0;
  private unsettled = 0;
  private lastRead = true;

  readonly from: End;
  readonly watch: DirtyWatch;

  constructor(
    { ends, clock }: World,
    capture: string,
    private readonly passes: number,
  ) {
    const { log } = ends.source;
    const watch = new DirtyWatch(log, clock, [capture]);
    this.watch = overriding(watch, {
      check: async (...of) => {
        const found = await watch.check(...of);
        [this.started, this.unsettled, this.lastRead] = [this.started + 1, 0, !found.dirty];
        return found;
      },
    });
    const counted = overriding(log, {
      readDirty: async (...of) => {
        const page = await log.readDirty(...of);
        this.unsettled += 1;
        this.lastRead = page.next === null;
        return page;
      },
      forget: async (...of) => {
        await log.forget(...of);
        this.unsettled -= 1;
      },
    });
    this.from = { ...ends.source, log: counted };
  }

  get isReached(): boolean {
    return this.started >= this.passes && this.lastRead && this.unsettled === 0;
  }
}
