/** The guard refuses every kind of write, waits for writers in flight, and also refuses transactions with older snapshots. */
import { versioned } from '../../src/adapters/postgres/installed-version';
import { FencedOut, WrongState } from '../../src/core/errors';
import type { GuardChange } from '../../src/core/guard-ports';
import type { World } from '../../src/core/world';
import { startLab, type Lab, type Trial } from '../support/world';

const TABLES = `
  CREATE TABLE t (id int PRIMARY KEY, v text);
  CREATE TABLE p (id int, region text, v text, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
  CREATE TABLE p_east PARTITION OF p FOR VALUES IN ('east');
  CREATE TABLE p_rest PARTITION OF p FOR VALUES IN ('north', 'west', 'south') PARTITION BY RANGE (id);
  CREATE TABLE p_rest_low PARTITION OF p_rest FOR VALUES FROM (0) TO (100);
  CREATE TABLE other (id int PRIMARY KEY)`;
const SEED = `
  INSERT INTO t VALUES (1, 'one'), (2, 'two');
  INSERT INTO p VALUES (1, 'east', 'a'), (2, 'north', 'b')`;

let lab: Lab;
let trial: Trial;
let world: World;
let epoch = 10;

beforeAll(async () => {
  lab = await startLab();
  trial = await lab.trial({ tables: TABLES, seed: SEED, map: ['t', 'p'] });
  world = trial.world();
  await trial.begin();
  await trial.walk('prepare');
});
afterAll(() => lab.stop());

const setGuard = async ({ epoch: of, ...change }: Partial<GuardChange> & { epoch?: number }) => {
  epoch += 1;
  return world.ends.source.guard.setGuard(await trial.authority(of ?? epoch), {
    state: 'open',
    ...change,
  });
};
const fence = () => setGuard({ state: 'fenced', seconds: 600 });
const contents = async () => [await trial.source.rows('t'), await trial.source.rows('p')];
const REFUSED = /writes to shop\.\w+ are refused: migration move-\d+ guards it as its (source|target)/;

const WRITES: readonly (readonly [what: string, sql: string])[] = [
  ['insert', `INSERT INTO t VALUES (3, 'three')`],
  ['update', `UPDATE t SET v = 'x' WHERE id = 1`],
  ['delete', 'DELETE FROM t'],
  ['upsert that updates', `INSERT INTO t VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET v = 'x'`],
  ['upsert that does nothing', `INSERT INTO t VALUES (3, 'x') ON CONFLICT DO NOTHING`],
  [
    'merge',
    `MERGE INTO t USING (VALUES (1), (3)) AS n(id) ON t.id = n.id
    WHEN MATCHED THEN UPDATE SET v = 'x' WHEN NOT MATCHED THEN INSERT VALUES (n.id, 'x')`,
  ],
  ['write within a query', `WITH w AS (DELETE FROM t RETURNING *) SELECT count(*) FROM w`],
  ['truncate', 'TRUNCATE t'],
  ['insert through the parent', `INSERT INTO p VALUES (3, 'west', 'c')`],
  ['move a row to another partition', `UPDATE p SET region = 'north' WHERE id = 1`],
  ['insert into a leaf', `INSERT INTO p_east VALUES (3, 'east', 'c')`],
  ['insert into a leaf two levels down', `INSERT INTO p_rest_low VALUES (3, 'west', 'c')`],
  ['insert into a partitioned partition', `INSERT INTO p_rest VALUES (3, 'west', 'c')`],
  ['delete from a leaf', 'DELETE FROM p_east'],
  ['truncate the parent', 'TRUNCATE p'],
  ['truncate a leaf', 'TRUNCATE p_east'],
  ['truncate a partitioned partition', 'TRUNCATE p_rest'],
  ['truncate a leaf two levels down', 'TRUNCATE p_rest_low'],
];

describe('a fenced source refuses', () => {
  beforeAll(fence);
  afterAll(() => setGuard({}));
  afterEach(() => trial.source.close());

  test.each(WRITES)('%s', async (_what, sql) => {
    const before = await contents();
    await expect(trial.source.sql(sql, 'app')).rejects.toThrow(REFUSED);
    expect(await contents()).toEqual(before);
  });

  test.each(WRITES)('%s by a superuser in the replica role', async (_what, sql) => {
    const before = await contents();
    const asReplica = `SET session_replication_role = replica; ${sql}`;
    await expect(trial.source.sql(asReplica)).rejects.toThrow(REFUSED);
    expect(await contents()).toEqual(before);
  });

  test('copy', async () => {
    await expect(trial.source.sql(`COPY t FROM PROGRAM 'printf "3\\tx\\n"'`)).rejects.toThrow(REFUSED);
    await expect(trial.source.sql(`COPY p_east FROM PROGRAM 'printf "3\\teast\\tx\\n"'`)).rejects.toThrow(
      REFUSED,
    );
  });

  test('a function that runs as its owner', async () => {
    await trial.source.sql(
      `CREATE FUNCTION sneak() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = shop AS 'DELETE FROM t'`,
    );
    await expect(trial.source.sql('SELECT sneak()', 'app')).rejects.toThrow(REFUSED);
  });

  test("Sluice's own worker too: no login is exempt on the source", async () => {
    await expect(trial.source.sql('DELETE FROM shop.t', 'sluice_worker')).rejects.toThrow(REFUSED);
  });

  test('a writer with the SQLSTATE of a read-only transaction', async () => {
    const session = await trial.source.session('app');
    await expect(session.query('DELETE FROM t')).rejects.toMatchObject({ code: '25006' });
  });

  test('rows in a partition that is created under the fence', async () => {
    await trial.source.sql(
      `CREATE TABLE p_new PARTITION OF p FOR VALUES IN ('new'); GRANT ALL ON p_new TO app`,
    );
    for (const role of ['origin', 'replica']) {
      const set = `SET session_replication_role = ${role}`;
      await expect(trial.source.sql(`${set}; INSERT INTO p VALUES (1, 'new', 'x')`)).rejects.toThrow(REFUSED);
      await expect(trial.source.sql(`${set}; INSERT INTO p_new VALUES (1, 'new', 'x')`)).rejects.toThrow(
        REFUSED,
      );
    }
    await trial.source.sql('DROP TABLE p_new');
  });

  test('no reader, and no writer of another table', async () => {
    await expect(trial.source.sql('SELECT * FROM t, p', 'app')).resolves.toHaveLength(4);
    await trial.source.sql('INSERT INTO other VALUES (1)', 'app');
    await trial.source.sql('TRUNCATE other', 'app');
  });
});

test.each(WRITES)('an opened source allows %s', async (_what, sql) => {
  await fence();
  await setGuard({});
  const session = await trial.source.session('app');
  await session.query('BEGIN');
  await session.query(sql);
  await session.query('ROLLBACK');
  await trial.source.close();
});

describe('transactions that are older than the fence', () => {
  afterEach(async () => {
    await trial.source.close();
    await setGuard({});
  });

  test.each(['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'])('are refused in %s', async (level) => {
    const session = await trial.source.session('app');
    await session.query(`BEGIN ISOLATION LEVEL ${level}`);
    await session.query('SELECT count(*) FROM other');
    await fence();
    await expect(session.query(`INSERT INTO t VALUES (3, 'x')`)).rejects.toMatchObject({ code: '25006' });
  });

  test('delay the fence if they have written, and their rows are visible under it', async () => {
    const session = await trial.source.session('app');
    await session.query('BEGIN');
    await session.query(`INSERT INTO t VALUES (3, 'in flight')`);
    let fenced = false;
    const fencing = fence().then(() => (fenced = true));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(fenced).toBe(false);
    await session.query('COMMIT');
    await fencing;
    expect(await trial.source.rows('t')).toContain('(3,"in flight")');
    await setGuard({});
    await trial.source.sql('DELETE FROM t WHERE id = 3');
  });

  test('that wait for the fence are refused when they continue', async () => {
    const holder = await trial.source.session('sluice_owner');
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE t IN SHARE ROW EXCLUSIVE MODE');
    const writer = trial.source.sql(`UPDATE t SET v = 'late'`, 'app').catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await holder.query(
      versioned(`SELECT sluice.write_guard(id, 'false') FROM sluice.guard WHERE migration = '${trial.name}'`),
    );
    await holder.query('COMMIT');
    expect(String(await writer)).toMatch(REFUSED);
  });
});

describe('the dark target', () => {
  test('lets the worker through, by the login of its session', async () => {
    await trial.target.sql(`INSERT INTO shop.t VALUES (9, 'worker')`, 'sluice_worker');
    await trial.target.sql('DELETE FROM shop.t', 'sluice_worker');
  });

  test.each(['app', 'app_owner', 'sluice_owner', 'superuser'] as const)('refuses %s', async (login) => {
    await expect(trial.target.sql(`INSERT INTO t VALUES (9, 'x')`, login)).rejects.toThrow(REFUSED);
    await expect(trial.target.sql(`INSERT INTO p VALUES (9, 'east', 'x')`, login)).rejects.toThrow(REFUSED);
    await expect(trial.target.sql('TRUNCATE t', login)).rejects.toThrow(REFUSED);
  });

  test('is not opened by the role of the worker, or by a function that it owns', async () => {
    await expect(
      trial.target.sql(`SET ROLE sluice_worker; INSERT INTO shop.t VALUES (9, 'x')`),
    ).rejects.toThrow(REFUSED);
    await trial.target
      .sql(`CREATE FUNCTION borrowed() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = shop
      AS $$ INSERT INTO t VALUES (9, 'x') $$; ALTER FUNCTION borrowed() OWNER TO sluice_worker`);
    await expect(trial.target.sql('SELECT borrowed()', 'app')).rejects.toThrow(REFUSED);
    await trial.target.sql('DROP FUNCTION borrowed()');
  });

  test('shields the worker from a role that only it may use', async () => {
    await expect(
      trial.target.sql(versioned('SELECT sluice.revoke_leases($$o$$, $$x$$, $$target$$, 1, 1)'), 'app'),
    ).rejects.toThrow(/permission denied/);
    await expect(
      trial.target.sql(
        versioned(
          `SELECT sluice.set_guard('o', '${trial.name}', 'target', 1, 99, 'open', '{dark}', 0, false, 1, 1)`,
        ),
        'app',
      ),
    ).rejects.toThrow(/permission denied/);
  });
});

describe('the epoch', () => {
  test('of a late call is refused and changes nothing', async () => {
    await fence();
    const fenced = epoch;
    await setGuard({});
    await expect(setGuard({ epoch: fenced - 1, state: 'sealed' })).rejects.toBeInstanceOf(FencedOut);
    await expect(setGuard({ epoch: fenced, state: 'fenced', seconds: 600 })).rejects.toBeInstanceOf(
      FencedOut,
    );
    expect(await trial.guard('source')).toMatchObject({ state: 'open' });
    await trial.source.sql(`UPDATE t SET v = v`, 'app');
  });

  test('of an "open" that is replayed after a later fence does not open it', async () => {
    await setGuard({});
    const opened = epoch;
    await fence();
    await expect(setGuard({ epoch: opened })).rejects.toBeInstanceOf(FencedOut);
    await expect(trial.source.sql('UPDATE t SET v = v', 'app')).rejects.toThrow(REFUSED);
    await setGuard({});
  });

  test('of a repeated call returns the same result', async () => {
    const deadline = await fence();
    const again = { epoch, state: 'fenced', seconds: 1 } as const;
    expect(deadline).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(await setGuard(again)).toBe(deadline);
    expect(await trial.guard('source')).toMatchObject({
      state: 'fenced',
      expired: false,
    });
    await setGuard({});
  });

  test('of two concurrent calls: both return, and the newer one wins', async () => {
    const [older, newer] = [epoch + 1, epoch + 2];
    epoch += 2;
    await Promise.allSettled([
      setGuard({ epoch: newer }),
      setGuard({ epoch: older, state: 'fenced', seconds: 600 }),
    ]);
    expect(await trial.guard('source')).toMatchObject({ epoch: newer, state: 'open' });
    epoch += 1;
    await setGuard({});
  });

  test('stays if the state does not allow the change', async () => {
    const before = await trial.guard('source');
    await expect(setGuard({ state: 'sealed' })).rejects.toBeInstanceOf(WrongState);
    expect(await trial.guard('source')).toEqual(before);
  });

  test('of a migration that is not installed is refused', async () => {
    const { guard } = world.ends.source;
    const unknown = { ...(await trial.authority(99)), migration: 'unknown' };
    await expect(guard.setGuard(unknown, { state: 'open' })).rejects.toBeInstanceOf(WrongState);
    expect(await guard.readGuard(unknown)).toBeNull();
  });
});

test('two migrations in one database guard their own tables', async () => {
  const first = await lab.trial({
    tables: 'CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY)',
    map: ['a'],
  });
  const second = lab.trialOn(first.source, first.target, { map: ['b'] });
  for (const one of [first, second]) {
    await one.begin();
    await one.walk('fence');
  }
  await expect(first.source.sql('INSERT INTO a VALUES (1)', 'app')).rejects.toThrow(
    `migration ${first.name} guards it`,
  );
  await expect(first.source.sql('INSERT INTO b VALUES (1)', 'app')).rejects.toThrow(
    `migration ${second.name} guards it`,
  );
  await second.abort();
  await first.source.sql('INSERT INTO b VALUES (1)', 'app');
  await expect(first.source.sql('INSERT INTO a VALUES (1)', 'app')).rejects.toThrow(
    `migration ${first.name} guards it`,
  );
});
