import { setTimeout as sleep } from 'node:timers/promises';
import { atMost, machine, methodOf, type BenchReport } from '../report';
import { GuardScene } from './scene';
import { COUNTERS, SUM, Writers } from './writers';

export interface GuardBenchOptions {
  /** Run fewer cycles. */
  readonly quick: boolean;
  readonly log: (line: string) => void;
}

const TABLES = 400;
const RUNS = { quick: 5, whole: 50 } as const;
const CYCLES = { quick: 50, whole: 2_000 } as const;
const GOALS = { closeMs: 30, openMs: 100, writersMs: 20, leakedWrites: 0 } as const;

/** Measures how long closing and opening take, what writers notice of them, and whether a write passes a closed guard. */
export async function benchGuard({ quick, log }: GuardBenchOptions): Promise<BenchReport> {
  const runs = quick ? RUNS.quick : RUNS.whole;
  log(`closing ${TABLES} tables`);
  const { armed, disarmed, opened } = await closings(runs);
  log('opening under locks');
  const { underLocks, writersMs } = await underLocksOf(runs);
  const cycles = quick ? CYCLES.quick : CYCLES.whole;
  log(`${cycles} cycles under writers`);
  const { leaked, writes, stallsMs } = await cyclesOf(cycles);
  return {
    command: 'bench guard',
    machine: machine(),
    methods: [
      methodOf(`close ${TABLES} armed tables`, 'ms', armed),
      methodOf(`close ${TABLES} tables without triggers`, 'ms', disarmed),
      methodOf(`open ${TABLES} tables`, 'ms', opened),
      methodOf('open under locks', 'ms', underLocks),
      methodOf('a write while a fence waits', 'ms', writersMs),
      methodOf('a write during the cycles', 'ms', stallsMs),
    ],
    figures: [
      atMost('close_ms_400_tables', methodOf('', 'ms', armed).median, GOALS.closeMs),
      atMost('open_ms_under_locks', Math.max(...underLocks), GOALS.openMs),
      atMost('writers_p99_ms', percentile(writersMs, 0.99), GOALS.writersMs),
      { ...atMost('leaked_writes', leaked, GOALS.leakedWrites), of: `${cycles} cycles, ${writes} writes` },
    ],
  };
}

async function closings(runs: number) {
  const names = Array.from({ length: TABLES }, (_, index) => `t${index}`);
  const scene = await GuardScene.open(
    names.map((name) => `CREATE TABLE ${name} (id int PRIMARY KEY)`).join(';'),
    names,
  );
  const [armed, disarmed, opened]: number[][] = [[], [], []];
  try {
    for (let run = 0; run < runs; run += 1) {
      armed!.push(await scene.change('fenced'));
      opened!.push(await scene.change('open'));
    }
    for (let run = 0; run < Math.ceil(runs / 10); run += 1) {
      await scene.disarm();
      disarmed!.push(await scene.change('fenced'));
      await scene.change('open');
    }
  } finally {
    await scene.close();
  }
  return { armed: armed!, disarmed: disarmed!, opened: opened! };
}

/** Opens while an autovacuum, a lock of the application and a transaction with a snapshot would block a table's lock. */
async function underLocksOf(runs: number) {
  const slow =
    'autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_insert_threshold = 1000, autovacuum_vacuum_insert_scale_factor = 0';
  const scene = await GuardScene.open(`${COUNTERS} CREATE TABLE big (id int) WITH (${slow})`, [
    'plain',
    'parent',
    'big',
  ]);
  const underLocks: number[] = [];
  const writersMs: number[] = [];
  try {
    const [application, locker, reader] = [
      await scene.connect(),
      await scene.connect(),
      await scene.connect(),
    ];
    const vacuums = async () =>
      (
        await application.query(
          `SELECT FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
           WHERE a.backend_type = 'autovacuum worker' AND l.relation = 'big'::regclass AND l.mode = 'ShareUpdateExclusiveLock' AND l.granted`,
        )
      ).rows.length > 0;
    const isVacuumed = async () => {
      await application.query('INSERT INTO big SELECT generate_series(1, 60000)');
      while (!(await vacuums())) await sleep(20);
    };
    for (let run = 0; run < Math.min(runs, 10); run += 1) {
      await isVacuumed();
      const writers = await Writers.start(scene);
      await scene.change('fenced');
      await writers.stop();
      writersMs.push(...writers.latenciesMs);
      await reader.query(
        'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT (SELECT max(id) FROM parent), (SELECT max(id) FROM big)',
      );
      await locker.query('BEGIN; LOCK TABLE plain');
      underLocks.push(await scene.change('open'));
      await Promise.all([locker.query('COMMIT'), reader.query('COMMIT')]);
    }
    // An autovacuum that started after the fence holds its lock while the guard opens.
    await application.query('TRUNCATE big');
    await isVacuumed();
    underLocks.push(await scene.change('open'));
  } finally {
    await scene.close();
  }
  return { underLocks, writersMs };
}

/** Closes and opens under writers. A counter that grows between the two shows a leak. */
async function cyclesOf(cycles: number) {
  const scene = await GuardScene.open(COUNTERS, ['plain', 'parent']);
  let leaked = 0;
  try {
    const reader = await scene.connect();
    const sum = async () => Number((await reader.query<{ sum: string }>(SUM)).rows[0]!.sum);
    const writers = await Writers.start(scene);
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      await scene.change('fenced');
      const before = await sum();
      await sleep(2);
      leaked += (await sum()) - before;
      await scene.change('open');
      await sleep(2);
    }
    await writers.stop();
    return { leaked, writes: await sum(), stallsMs: writers.latenciesMs };
  } finally {
    await scene.close();
  }
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}
