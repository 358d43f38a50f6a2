/** One autocommitted call changes a guard: it fails within its total time without a trace, and a fence expires by itself. */
import type { Client } from 'pg';
import { versioned } from '../../src/adapters/postgres/installed-version';
import { FenceExpired } from '../../src/core/errors';
import type { World } from '../../src/core/world';
import { startLab, type Lab, type Trial } from '../support/world';

let lab: Lab;
let trial: Trial;
let world: World;

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

beforeEach(async () => {
  trial = await lab.trial({
    tables: 'CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY)',
    map: ['t', 'u'],
  });
  world = trial.world();
  await trial.begin();
  await trial.walk('prepare');
});
afterEach(() => Promise.all([trial.source.close(), trial.target.close()]));

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const setGuardSql = (lockMs: number, totalMs: number) =>
  versioned(
    `SELECT sluice.set_guard('${trial.of.owner}', '${trial.name}', 'source', 1, 50, 'fenced', '{open}', 600, false, ${lockMs}, ${totalMs})`,
  );

describe('with a writer that does not end', () => {
  let writer: Client;
  beforeEach(async () => {
    writer = await trial.source.session('app');
    await writer.query('BEGIN');
    // On the second table, so that each attempt locks the first one and must release it again.
    await writer.query('INSERT INTO u VALUES (1)');
  });

  test('it fails within its total time, without a trace', async () => {
    const caller = await trial.source.session('sluice_control');
    const startedMs = Date.now();
    await expect(caller.query(setGuardSql(100, 600))).rejects.toMatchObject({ code: '55P03' });
    const tookMs = Date.now() - startedMs;
    expect(tookMs).toBeGreaterThanOrEqual(600);
    expect(tookMs).toBeLessThan(2_500);
    expect(await trial.guard('source')).toMatchObject({
      state: 'open',
      epoch: expect.any(Number) as number,
    });
    expect((await trial.guard('source'))!.epoch).toBeLessThan(50);
    expect(await locksOfSluice()).toEqual([]);
    await trial.source.sql('INSERT INTO t VALUES (1)', 'app');
    await writer.query('COMMIT');
    await trial.source.sql('DELETE FROM u', 'app');
  });

  test('other writers wait for one attempt at most', async () => {
    const caller = await trial.source.session('sluice_control');
    const fencing = caller.query(setGuardSql(150, 1_500)).catch((error: unknown) => error);
    const other = await trial.source.session('app');
    const waitsMs: number[] = [];
    for (let id = 1; id <= 12; id += 1) {
      const startedMs = Date.now();
      await other.query(`INSERT INTO t VALUES (${id})`);
      waitsMs.push(Date.now() - startedMs);
      await sleep(60);
    }
    expect(Math.max(...waitsMs)).toBeLessThan(1_000);
    expect(await fencing).toMatchObject({ code: '55P03' });
    expect(await trial.source.count('t')).toBe(12);
  });

  test('a caller that is killed leaves no lock', async () => {
    const caller = await trial.source.session('sluice_control');
    const { rows } = await caller.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const fencing = caller.query(setGuardSql(30_000, 30_000)).catch((error: unknown) => error);
    while ((await locksOfSluice()).length === 0) await sleep(20);
    await trial.source.sql(`SELECT pg_terminate_backend(${rows[0]!.pid}, 5000)`);
    expect(await fencing).toBeInstanceOf(Error);
    expect(await locksOfSluice()).toEqual([]);
    await trial.source.sql('INSERT INTO t VALUES (1)', 'app');
    await writer.query('COMMIT');
    expect((await trial.guard('source'))!.state).toBe('open');
  });
});

test('with overlapping short transactions it succeeds', async () => {
  let stopped = false;
  const traffic = async (first: number) => {
    const session = await trial.source.session('app');
    for (let id = first; !stopped; id += 1) {
      await session.query('BEGIN');
      await session.query(`INSERT INTO t VALUES (${id}); INSERT INTO u VALUES (${id})`);
      await sleep(60);
      await session.query('COMMIT');
    }
  };
  const writers = [1, 1_000_000, 2_000_000].map((first) =>
    traffic(first).catch((error: { code?: string }) => error.code),
  );
  await sleep(150);
  await world.ends.source.guard.setGuard(await trial.authority(50), {
    state: 'fenced',
    seconds: 600,
  });
  stopped = true;
  const ends = await Promise.all(writers);
  expect(ends.filter((code) => code !== undefined && code !== '25006')).toEqual([]);
  expect(await trial.guard('source')).toMatchObject({ state: 'fenced', epoch: 50 });
});

describe('a fence with a deadline', () => {
  const SECONDS = 1;
  const fence = async () =>
    world.ends.source.guard.setGuard(await trial.authority(50), {
      state: 'fenced',
      seconds: SECONDS,
    });
  const seal = async () => world.ends.source.guard.setGuard(await trial.authority(51), { state: 'sealed' });
  const write = (id: number) => trial.source.sql(`INSERT INTO t VALUES (${id})`, 'app');
  const passed = (deadline: string | null) => sleep(new Date(deadline!).getTime() - Date.now() + 50);

  test('expires without any process', async () => {
    const deadline = await fence();
    expect(new Date(deadline!).getTime() - Date.now()).toBeLessThanOrEqual(SECONDS * 1_000);
    await expect(write(1)).rejects.toThrow(/refused/);
    expect(await trial.guard('source')).toMatchObject({
      state: 'fenced',
      expired: false,
    });
    await passed(deadline);
    await trial.source.sql(
      'INSERT INTO t VALUES (1), (2), (3); UPDATE t SET id = 9 WHERE id = 2; DELETE FROM t WHERE id = 1',
      'app',
    );
    expect(await trial.source.rows('t')).toEqual(['(3)', '(9)']);
    await trial.source.sql('TRUNCATE t', 'app');
    expect(await trial.guard('source')).toMatchObject({
      state: 'fenced',
      expired: true,
    });
  });

  test('cannot be sealed after it has expired', async () => {
    await passed(await fence());
    await expect(seal()).rejects.toBeInstanceOf(FenceExpired);
    await write(1);
    expect(await trial.guard('source')).toMatchObject({ state: 'fenced', epoch: 50 });
  });

  test('is permanent once it was sealed in time', async () => {
    const deadline = await fence();
    expect(await seal()).toBeNull();
    await passed(deadline);
    await expect(write(1)).rejects.toThrow(/refused/);
    expect(await trial.guard('source')).toMatchObject({
      state: 'sealed',
      expired: false,
    });
  });

  test('counts from when its locks were acquired, not requested', async () => {
    const writer = await trial.source.session('app');
    await writer.query('BEGIN; INSERT INTO t VALUES (1)');
    const fencing = fence();
    await sleep(700);
    const committedMs = Date.now();
    await writer.query('COMMIT');
    expect(new Date((await fencing)!).getTime()).toBeGreaterThan(committedMs + SECONDS * 1_000 - 100);
  });

  test('is the same instant for sessions with other settings', async () => {
    await fence();
    const settings = `SET timezone = 'Pacific/Auckland'; SET datestyle = 'SQL, DMY'`;
    await expect(trial.source.sql(`${settings}; INSERT INTO t VALUES (1)`, 'app')).rejects.toThrow(/refused/);
  });
});

/** Lists the locks on the application's tables that other logins hold. */
async function locksOfSluice(): Promise<unknown[]> {
  return trial.source.sql(`
    SELECT c.relname, l.mode FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation
    JOIN pg_stat_activity AS a ON a.pid = l.pid
    WHERE l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND c.relname IN ('t', 'u') AND a.usename LIKE 'sluice%'`);
}
