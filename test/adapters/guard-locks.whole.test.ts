/** Neither a lock nor the owner of a table keeps a side closed, and neither opens it unnoticed. */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { startPostgres } from 'local-aws';
import { DatabaseGuard } from '../../src/adapters/postgres/guard';
import { versionedDatabase } from '../../src/adapters/postgres/versioned-database';
import { FenceExpired, WrongState } from '../../src/core/errors';
import type { GuardChange } from '../../src/core/guard-ports';
import type { World } from '../../src/core/world';
import { pgDatabase } from '../support/pg-database';
import { startLab, type Lab, type Trial } from '../support/world';

let lab: Lab;
let trial: Trial;
let world: World;
let epoch = 50;

beforeAll(async () => {
  lab = await startLab({ autovacuum: 'on', autovacuum_naptime: '1s', synchronous_commit: 'on' });
});
afterAll(() => lab.stop());
beforeEach(async () => {
  trial = await lab.trial({
    tables: `CREATE TABLE t (id int PRIMARY KEY) WITH (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1,
        autovacuum_vacuum_insert_threshold = 1000, autovacuum_vacuum_insert_scale_factor = 0);
      CREATE TABLE u (id int PRIMARY KEY);
      CREATE TABLE p (id int, region text, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
      CREATE TABLE p_east PARTITION OF p FOR VALUES IN ('east')`,
    map: ['t', 'u', 'p'],
  });
  world = trial.world();
  await trial.begin();
  await trial.walk('prepare');
});
afterEach(() => lab.endTrials());

const REFUSED = /are refused: migration move-\d+ guards it/;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const authority = () => trial.authority((epoch += 1));
const setGuard = async (change: GuardChange) => world.ends.source.guard.setGuard(await authority(), change);
const fence = () => setGuard({ state: 'fenced', seconds: 600 });
const open = () => setGuard({ state: 'open' });
const asOwner = (sql: string) => trial.source.sql(sql, 'app_owner');
const asApp = (sql: string) => trial.source.sql(sql, 'app');
const triggers = async () => {
  const rows = await trial.source.sql<{ name: string }>(
    `SELECT tgrelid::regclass::text AS name FROM pg_trigger WHERE starts_with(tgname, 'sluice_guard') ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
};

describe.each([
  ['an application that locks a table', 'LOCK TABLE shop.t'],
  ['a transaction that has read all of them', 'SELECT count(*) FROM shop.t, shop.u, shop.p'],
  ['maintenance of a table', 'LOCK TABLE shop.u IN SHARE UPDATE EXCLUSIVE MODE'],
])('%s', (_what, statement) => {
  test.each(['fenced', 'sealed', 'standby'] as const)('does not hold up the opening, %s', async (state) => {
    await fence();
    if (state !== 'fenced') await setGuard({ state: 'sealed' });
    if (state === 'standby') await setGuard({ state });
    const holder = await trial.source.session('app');
    await holder.query(`BEGIN ISOLATION LEVEL REPEATABLE READ; ${statement}`);
    await open();
    // The guard lets rows pass, to the transaction with the older snapshot too.
    await holder.query('INSERT INTO shop.t VALUES (1)');
    await holder.query('COMMIT');
    await asApp(`INSERT INTO u VALUES (1); INSERT INTO p VALUES (1, 'east'); TRUNCATE p`);
  });
});

test('a session with a prepared statement is refused by a fence, and is not refused after the opening', async () => {
  const session = await trial.source.session('app');
  const write = { name: 'write', text: 'INSERT INTO shop.t SELECT coalesce(max(id), 0) + 1 FROM shop.t' };
  for (let cycle = 0; cycle < 3; cycle += 1) {
    await session.query(write);
    await fence();
    await expect(session.query(write)).rejects.toThrow(REFUSED);
    await open();
  }
  await session.query(write);
});

test('an autovacuum yields to a fence, and no writer waits while the fence waits for it', async () => {
  await asApp('INSERT INTO t SELECT generate_series(1, 60000)');
  const vacuums = async () =>
    trial.source.sql(
      `SELECT FROM pg_stat_activity AS a JOIN pg_locks AS l ON l.pid = a.pid
       WHERE a.backend_type = 'autovacuum worker' AND l.relation = 'shop.t'::regclass AND l.mode = 'ShareUpdateExclusiveLock'`,
    );
  while ((await vacuums()).length === 0) await sleep(50);
  const fencing = fence();
  const waiting = async () =>
    trial.source.sql(
      `SELECT FROM pg_locks WHERE relation = 'shop.t'::regclass AND NOT granted AND mode = 'ShareUpdateExclusiveLock'`,
    );
  while ((await waiting()).length === 0) await sleep(10);
  // A statement that had to wait for the lock would time out.
  await trial.source.sql(`SET lock_timeout = '50ms'; INSERT INTO shop.t VALUES (0)`);
  await fencing;
  await expect(asApp('INSERT INTO t VALUES (-1)')).rejects.toThrow(REFUSED);
  expect(await vacuums()).toEqual([]);
});

test('an autovacuum of the target holds up its opening neither', async () => {
  const { guard } = world.ends.target;
  await trial.target.sql('INSERT INTO shop.t SELECT generate_series(1, 60000)', 'sluice_worker');
  const vacuum = `SELECT FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' AND datname = current_database() AND query ~ 'shop.t'`;
  while ((await trial.target.sql(vacuum)).length === 0) await sleep(50);
  await guard.setGuard(await authority(), { state: 'open' });
  expect(await trial.target.sql(vacuum)).toHaveLength(1);
  await trial.target.sql('INSERT INTO t VALUES (-1)', 'app');
});

describe('tables are known by their oid', () => {
  test.each([
    ['renamed', 'ALTER TABLE t RENAME TO t_old', 'shop.t is now shop.t_old'],
    [
      'moved',
      'CREATE SCHEMA attic AUTHORIZATION app_owner; ALTER TABLE t SET SCHEMA attic',
      'shop.t is now attic.t',
    ],
    [
      'moved out of reach',
      'CREATE SCHEMA vault; ALTER TABLE t SET SCHEMA vault; ALTER TABLE vault.t OWNER TO postgres',
      'shop.t is now vault.t',
    ],
    ['dropped', 'DROP TABLE t', 'shop.t was dropped'],
    ['replaced', 'DROP TABLE t; CREATE TABLE t (id int PRIMARY KEY)', 'shop.t was dropped'],
  ])('one that was %s cannot be closed, and holds up no opening', async (_what, sql, found) => {
    await fence();
    await trial.source.sql(sql);
    await expect(setGuard({ state: 'sealed' })).rejects.toThrow(found);
    await open();
    await asApp(`INSERT INTO u VALUES (1)`);
    const error: unknown = await fence().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WrongState);
    expect((error as Error).message).toContain(found);
    expect(await trial.guard('source')).toMatchObject({ state: 'open' });
    expect(await world.ends.source.guard.changedTables(await authority())).toEqual([found]);
  });

  test.each([
    ['renamed', 'ALTER TABLE t RENAME TO t_old', 'shop.t_old'],
    [
      'moved out of reach',
      'CREATE SCHEMA vault; ALTER TABLE t SET SCHEMA vault; ALTER TABLE vault.t OWNER TO postgres',
      'vault.t',
    ],
  ])('an abort removes the guard from one that was %s, and reports it', async (_what, sql, name) => {
    await trial.walk('fence');
    await trial.source.sql(sql);
    await trial.abort();
    await trial.source.sql(`INSERT INTO ${name} VALUES (1)`);
    expect(await triggers()).toEqual([]);
    expect(await trial.control.journal.last(trial.name, 3)).toContainEqual(
      expect.objectContaining({
        event: 'aborted',
        evidence: expect.objectContaining({ changedTables: [`shop.t is now ${name}`] }) as unknown,
      }),
    );
  });
});

describe('an owner', () => {
  const toggle = (table: string, which = 'USER') =>
    asOwner(`ALTER TABLE ${table} DISABLE TRIGGER ${which}; ALTER TABLE ${table} ENABLE TRIGGER ${which}`);

  test.each(['t', 'p', 'p_east'])('does not close %s by enabling its triggers', async (table) => {
    await fence();
    await open();
    await toggle(table);
    await asApp(`INSERT INTO t VALUES (1); INSERT INTO p VALUES (1, 'east')`);
    await trial.source.sql(`SET session_replication_role = replica; INSERT INTO shop.p VALUES (2, 'east')`);
  });

  test.each(['t', 'p', 'p_east'])('voids a fence by disabling the triggers of %s', async (table) => {
    await fence();
    await toggle(table);
    await expect(setGuard({ state: 'sealed' })).rejects.toThrow(FenceExpired);
    await open();
    await fence();
    // The fence fires for every session again.
    for (const to of ['t VALUES (1)', `p VALUES (1, 'east')`, `p_east VALUES (1, 'east')`])
      await expect(
        trial.source.sql(`SET session_replication_role = replica; INSERT INTO shop.${to}`),
      ).rejects.toThrow(REFUSED);
    await setGuard({ state: 'sealed' });
  });

  test('opens a closed side with the statement of the runbook, which voids the fence', async () => {
    await trial.walk('fence');
    const [, statement] = /```sql\n\s*(SELECT sluice\.write_guard[^`]*)```/.exec(
      readFileSync('docs/runbook.md', 'utf8'),
    )!;
    await trial.source.sql(statement!.replaceAll('billing', trial.name), 'sluice_owner');
    await asApp(`INSERT INTO t VALUES (1); INSERT INTO p VALUES (1, 'east')`);
    await expect(trial.walk('seal')).rejects.toThrow(FenceExpired);
    await trial.abort();
  });

  test('does not void a fence by creating a partition, which the fence covers', async () => {
    await fence();
    await asOwner(`CREATE TABLE p_west PARTITION OF p FOR VALUES IN ('west'); GRANT ALL ON p_west TO app`);
    await expect(asApp(`INSERT INTO p_west VALUES (1, 'west')`)).rejects.toThrow(REFUSED);
    await setGuard({ state: 'sealed' });
    await expect(asApp('TRUNCATE p_west')).rejects.toThrow(REFUSED);
  });

  test.each(['open', 'fenced', 'dark'] as const)('creates and attaches partitions, %s', async (state) => {
    if (state === 'fenced') await fence();
    const side = state === 'dark' ? trial.target : trial.source;
    await side.sql(
      `CREATE TABLE p_west PARTITION OF p FOR VALUES IN ('west');
       CREATE TABLE p_north (LIKE p INCLUDING ALL); ALTER TABLE p ATTACH PARTITION p_north FOR VALUES IN ('north')`,
      'app_owner',
    );
  });
});

test('a table that became a partition of another one is closed all the same', async () => {
  await asOwner(`CREATE TABLE whole (id int PRIMARY KEY) PARTITION BY RANGE (id); GRANT ALL ON whole TO app;
    ALTER TABLE whole ATTACH PARTITION u FOR VALUES FROM (0) TO (1000)`);
  await fence();
  for (const table of ['whole', 'u']) {
    await expect(asApp(`INSERT INTO ${table} VALUES (1)`)).rejects.toThrow(REFUSED);
    await expect(asApp(`TRUNCATE ${table}`)).rejects.toThrow(REFUSED);
  }
});

describe('arming and disarming', () => {
  test('an armed guard lets everything pass, a disarmed one has no triggers', async () => {
    const { guard } = world.ends.source;
    expect(await triggers()).toEqual([]);
    await guard.arm(await authority());
    // The row trigger and the one for TRUNCATE, on each table and partition.
    expect(await triggers()).toEqual(['p', 'p', 'p_east', 'p_east', 't', 't', 'u', 'u']);
    await asApp(
      `INSERT INTO t VALUES (1); UPDATE t SET id = 2; DELETE FROM t; INSERT INTO p VALUES (1, 'east'); TRUNCATE p`,
    );
    await guard.disarm(await authority());
    expect(await triggers()).toEqual([]);
    expect(await trial.guard('source')).toMatchObject({ state: 'open' });
    await fence();
    await expect(asApp('INSERT INTO t VALUES (1)')).rejects.toThrow(REFUSED);
  });

  test('a closed guard is not disarmed', async () => {
    await fence();
    await expect(world.ends.source.guard.disarm(await authority())).rejects.toThrow(WrongState);
    await expect(asApp('INSERT INTO t VALUES (1)')).rejects.toThrow(REFUSED);
  });

  test('a call that waits for a table delays no change of the guard', async () => {
    const holder = await trial.source.session('app');
    await holder.query('BEGIN; INSERT INTO shop.p VALUES (1, $$east$$)');
    const [earlier, later] = [await authority(), await authority()];
    const arming = world.ends.source.guard.arm(later);
    await sleep(200);
    await world.ends.source.guard.setGuard(earlier, { state: 'open' });
    await holder.query('COMMIT');
    await arming;
  });
});

test('standby lets the worker through, and no other login', async () => {
  await fence();
  await setGuard({ state: 'sealed' });
  await setGuard({ state: 'standby' });
  await trial.source.sql('INSERT INTO shop.t VALUES (1)', 'sluice_worker');
  await expect(asApp('INSERT INTO t VALUES (2)')).rejects.toThrow(REFUSED);
  await expect(setGuard({ state: 'sealed' })).rejects.toThrow(WrongState);
});

test('after a restart, a fence ends a minute earlier, so one that has expired never closes again', async () => {
  await setGuard({ state: 'fenced', seconds: 50 });
  const long = await lab.trial({ tables: 'CREATE TABLE t (id int PRIMARY KEY)' });
  await long.begin();
  await long.walk('fence');
  for (const each of [trial, long]) await each.disconnect();
  for (const each of [trial, long]) await each.source.close();
  const { port, dataDirectory } = lab.server;
  await lab.server.crash();
  const restarted = await startPostgres({ directory: dirname(dataDirectory), port });
  const seal = async (of: Trial) =>
    new DatabaseGuard(versionedDatabase(pgDatabase(of.source.as('sluice_control'))), 'source').setGuard(
      await of.authority((epoch += 1)),
      { state: 'sealed' },
    );
  try {
    await asApp('INSERT INTO t VALUES (1)');
    expect(await trial.guard('source')).toMatchObject({ state: 'fenced', expired: true });
    await expect(seal(trial)).rejects.toThrow(/expired a minute before .*, because its server was replaced/);

    await expect(long.source.sql('INSERT INTO t VALUES (1)', 'app')).rejects.toThrow(REFUSED);
    expect(await long.guard('source')).toMatchObject({ state: 'fenced', expired: false });
    await seal(long);
  } finally {
    await lab.endTrials();
    await restarted.crash();
  }
});
