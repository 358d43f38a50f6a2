/** Everything that would keep an end closed to a fence, or closed after one, is listed before the fence, and nothing else. */
import type { Client } from 'pg';
import { startLab, type Lab, type Trial } from '../support/world';

let lab: Lab;
let trial: Trial;
const running: Promise<unknown>[] = [];

beforeAll(async () => {
  lab = await startLab({ max_prepared_transactions: '2', autovacuum: 'on', autovacuum_naptime: '1s' });
  trial = await lab.trial({
    tables: `CREATE TABLE t (id int PRIMARY KEY, v text) WITH (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1);
      CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
      CREATE TABLE other (id int PRIMARY KEY)`,
    map: ['t', 'p'],
  });
  await trial.begin();
  await trial.walk('prepare');
});
afterAll(() => lab.stop());
afterEach(async () => {
  await Promise.all([trial.source.close(), trial.target.close()]);
  await Promise.all(running.splice(0));
});
// A session that was closed ends soon after.
beforeEach(async () => {
  while ((await obstacles()).length > 0) await sleep(20);
});

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const obstacles = async (side: 'source' | 'target' = 'source') =>
  trial.world().ends[side].guard.fenceObstacles(await trial.authority());

/** Opens a transaction that is longer than a lock attempt. */
async function holding(statement: string, login: 'app' | 'app_owner' = 'app'): Promise<Client> {
  const session = await trial.source.session(login);
  await session.query(`SET application_name = 'batch'; BEGIN; ${statement}`);
  await sleep(500);
  return session;
}

const pidOf = async (session: Client): Promise<number> =>
  (await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]!.pid;

test.each<[string, string, string]>([
  ['writes', `INSERT INTO t VALUES (1, 'secret')`, 'RowExclusiveLock on shop.t'],
  ['writes to a partition', 'INSERT INTO p1 VALUES (1)', 'RowExclusiveLock on shop.p1'],
  ['locks a table', 'LOCK TABLE t IN SHARE MODE', 'ShareLock on shop.t'],
])('a transaction that %s, with its session and the remedy', async (_does, statement, locks) => {
  const session = await holding(statement);
  const pid = await pidOf(session);
  const [found, ...others] = await obstacles();
  expect(found).toMatch(
    new RegExp(
      `^session ${pid} of login app \\(application 'batch', idle in transaction\\) holds ${locks} in a transaction that is open since 20\\d\\d-[-\\d :.+]+\\. Wait until it ends, or SELECT pg_terminate_backend\\(${pid}\\)$`,
    ),
  );
  expect(others).toEqual([]);
  await session.query('COMMIT');
  expect(await obstacles()).toEqual([]);
});

// An event trigger that is not ENABLE ALWAYS does not fire for a worker whose session_replication_role is replica.
test('all reasons at once, each side its own, and no text of a statement', async () => {
  const waiting = await holding(`INSERT INTO t VALUES (2, 'secret')`);
  const prepared = await trial.source.session('app');
  await prepared.query(`BEGIN; INSERT INTO p VALUES (2); PREPARE TRANSACTION '${trial.name} secret'`);
  await trial.source.sql(
    `CREATE FUNCTION public.refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'secret'; END $$;
     CREATE EVENT TRIGGER no_ddl ON ddl_command_end WHEN TAG IN ('CREATE FUNCTION') EXECUTE FUNCTION public.refuse();
     ALTER EVENT TRIGGER no_ddl ENABLE ALWAYS`,
  );
  const found = await obstacles();
  expect(found).toEqual([
    expect.stringMatching(
      /^a prepared transaction of login app holds RowExclusiveLock on shop\.p.* COMMIT PREPARED or ROLLBACK PREPARED it/,
    ),
    expect.stringMatching(/holds RowExclusiveLock on shop\.t in a transaction/),
    expect.stringMatching(
      /^the rehearsed opening of the guard fails with SQLSTATE P0001; enabled event triggers: no_ddl\. Let them pass CREATE FUNCTION/,
    ),
  ]);
  expect(found.join()).not.toContain('secret');
  expect(await obstacles('target')).toEqual([]);
  // The name of a prepared transaction is the remedy's.
  const [, transaction] = /transaction = ('\d+')/.exec(found[0]!)!;
  expect(
    await trial.source.sql(`SELECT gid FROM pg_prepared_xacts WHERE transaction = ${transaction}`),
  ).toEqual([{ gid: `${trial.name} secret` }]);
  await prepared.query(`ROLLBACK PREPARED '${trial.name} secret'`);
  await waiting.query('COMMIT');
  await trial.source.sql('DROP EVENT TRIGGER no_ddl');
  expect(await obstacles()).toEqual([]);
});

test('an index that is built concurrently, from its start', async () => {
  // It waits for this transaction, which has no lock on a guarded table.
  const older = await trial.source.session('app');
  await older.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM other');
  const builder = await trial.source.session('app_owner');
  running.push(builder.query('CREATE INDEX CONCURRENTLY ON shop.t (v)').catch(() => undefined));
  const build = `SELECT FROM pg_stat_progress_create_index WHERE datname = current_database() AND phase ~ 'waiting'`;
  while ((await trial.source.sql(build)).length === 0) await sleep(20);
  expect(await obstacles()).toEqual([
    expect.stringMatching(
      /^session \d+ of login app_owner .* ShareUpdateExclusiveLock on shop\.t concurrently with writers, .* Wait until it ends$/,
    ),
  ]);
  await older.query('COMMIT');
});

test('readers, short transactions, other tables and Sluice itself are not listed', async () => {
  await holding('SELECT FROM t');
  await holding('INSERT INTO other VALUES (1)');
  const writing = await trial.source.session('app');
  const copier = await trial.target.session('sluice_worker');
  await copier.query(`BEGIN; INSERT INTO shop.t VALUES (7, '')`);
  await sleep(500);
  await writing.query(`BEGIN; INSERT INTO t VALUES (3, '')`);
  expect(await obstacles()).toEqual([]);
  expect(await obstacles('target')).toEqual([]);
});

test('the rehearsed opening leaves both guards as they are', async () => {
  const before = [await trial.guard('source'), await trial.guard('target')];
  expect([...(await obstacles()), ...(await obstacles('target'))]).toEqual([]);
  expect([await trial.guard('source'), await trial.guard('target')]).toEqual(before);
  await expect(trial.target.sql(`INSERT INTO t VALUES (1, '')`, 'app')).rejects.toThrow(/are refused/);
});

test('a login that may not see the ages of transactions is a reason', async () => {
  await trial.source.sql('REVOKE pg_monitor FROM sluice_owner');
  try {
    await holding('LOCK TABLE t IN SHARE MODE');
    expect(await obstacles()).toEqual([
      expect.stringMatching(
        /^login sluice_owner may not see how long .*\. GRANT pg_monitor TO sluice_owner$/,
      ),
      expect.stringMatching(/ShareLock on shop\.t in a transaction that is open since an unknown time/),
    ]);
  } finally {
    await trial.source.sql('GRANT pg_monitor TO sluice_owner');
  }
});

test('an autovacuum that prevents wraparound, and no other one, because the others yield', async () => {
  await trial.source.sql(
    `INSERT INTO t SELECT n, '' FROM generate_series(100, 60000) AS n; CREATE TABLE burnt (id int)`,
    'app_owner',
  );
  const vacuum = `SELECT query ~ 'wraparound' AS is_due FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' AND query ~ 'shop.t'`;
  const started = async () => {
    for (;;) {
      const [row] = await trial.source.sql<{ is_due: boolean }>(vacuum);
      if (row) return row.is_due;
      await sleep(50);
    }
  };
  expect(await started()).toBe(false);
  expect(await obstacles()).toEqual([]);
  await trial.source.sql(
    `ALTER TABLE t SET (autovacuum_freeze_max_age = 100000);
     DO $$ BEGIN FOR n IN 1..100100 LOOP BEGIN INSERT INTO burnt VALUES (n); EXCEPTION WHEN others THEN NULL; END; END LOOP; END $$`,
    'app_owner',
  );
  expect(await started()).toBe(true);
  expect(await obstacles()).toEqual([
    expect.stringMatching(
      /^autovacuum \d+ holds ShareUpdateExclusiveLock on shop\.t to prevent wraparound, since 20.* does not yield\. Wait until it ends$/,
    ),
  ]);
});
