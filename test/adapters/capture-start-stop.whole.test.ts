/** One call starts a capture and one stops it, under short locks; afterwards only objects of other owners remain. */
import { FencedOut, TransientFailure } from '../../src/core/errors';
import { startLab, type Lab } from '../support/world';
import { CaptureScene, OWNER } from './capture-scene';
import { versioned } from '../../src/adapters/postgres/installed-version';

let lab: Lab;
let scene: CaptureScene;

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());
beforeEach(async () => {
  scene = await CaptureScene.open(lab);
});
afterEach(() => scene.close());

const TABLE = 'CREATE TABLE t (id int PRIMARY KEY, v int)';
const TREE = `
  CREATE TABLE t (id int PRIMARY KEY, v int) PARTITION BY RANGE (id);
  CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10);
  CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (10) TO (20);
  CREATE TABLE t_3 PARTITION OF t FOR VALUES FROM (20) TO (30)`;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Lists the objects in the database, except Sluice's own schema. */
const schema = async () =>
  (await scene.side.schema()).filter(
    (line) => line.startsWith('trigger ') || !/sluice\.|schema sluice/.test(line),
  );
const leftovers = () =>
  scene.side.sql(`
    SELECT tgname FROM pg_trigger WHERE tgname LIKE 'sluice_capture%'
    UNION ALL SELECT proname FROM pg_proc WHERE proname ~ '^capture_[0-9]'
    UNION ALL SELECT relname FROM pg_class WHERE relname ~ '^capture_[0-9]'
    UNION ALL SELECT id::text FROM sluice.capture UNION ALL SELECT id::text FROM sluice.change_log
    UNION ALL SELECT why FROM sluice.capture_loss`);

describe('starting', () => {
  test('again returns the same capture, and captures once', async () => {
    const first = await scene.capture(TABLE);
    expect(await scene.start()).toEqual(first);
    expect((await Promise.all([scene.start(), scene.start(), scene.start()])).map(({ id }) => id)).toEqual([
      first.id,
      first.id,
      first.id,
    ]);
    expect(await scene.madeDirty('INSERT INTO t VALUES (1)')).toEqual(['{1}']);
  });

  test('by concurrent callers captures once', async () => {
    await scene.make(TABLE);
    const ids = (await Promise.all([1, 2, 3].map(() => scene.start()))).map(({ id }) => id);
    expect(new Set(ids).size).toBe(1);
    expect(await scene.madeDirty('INSERT INTO t VALUES (1)')).toEqual(['{1}']);
  });

  test('again returns the recorded loss', async () => {
    await scene.capture(TABLE);
    await scene.side.sql('TRUNCATE t');
    expect((await scene.start()).lost).toMatch(/^TRUNCATE/);
  });

  test('in another generation is another capture', async () => {
    const first = await scene.capture(TABLE);
    const second = await scene.capture(TABLE);
    expect(second.id).not.toBe(first.id);
  });

  test('of a generation that has ended is refused', async () => {
    await scene.capture(`${TABLE}; CREATE TABLE u (id int PRIMARY KEY)`);
    scene.generation -= 1;
    await expect(scene.start('u')).rejects.toBeInstanceOf(FencedOut);
    await expect(scene.start('t')).rejects.toBeInstanceOf(FencedOut);
    scene.generation += 1;
  });

  test('waits for writers in flight: their rows are in the table before the capture starts', async () => {
    await scene.make(TABLE);
    const writer = await scene.side.session('app');
    await writer.query('BEGIN; INSERT INTO t VALUES (1)');
    const started = scene.start();
    await sleep(700);
    await writer.query('INSERT INTO t VALUES (2); COMMIT');
    await started;
    expect(await scene.side.count('t')).toBe(2);
    expect(await scene.takeDirty()).toEqual([]);
    expect(await scene.madeDirty('UPDATE t SET v = 1')).toEqual(['{1}', '{2}']);
  });

  test('holds no lock afterwards, and leaves none when its caller is killed', async () => {
    await scene.make(TABLE);
    const writer = await scene.side.session('app');
    await writer.query('BEGIN; INSERT INTO t VALUES (1)');
    const started = scene.start().catch((error: unknown) => error);
    await sleep(200);
    await scene.side.sql(
      `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'sluice_owner'`,
    );
    expect(await started).toBeInstanceOf(TransientFailure);
    await writer.query('COMMIT');
    expect(await leftovers()).toEqual([]);
    await scene.start();
    expect(await locks()).toEqual([]);
  });
});

describe('with a writer that does not end', () => {
  const startSql = (lockMs: number, totalMs: number) =>
    versioned(
      `SELECT sluice.start_capture(${scene.sqlAuthority()}, 'shop.t', 'shop', 't', '["id"]', '["id"]', 4, 1000000, ${lockMs}, ${totalMs})`,
    );
  const stopSql = (lockMs: number, totalMs: number) =>
    versioned(`SELECT sluice.stop_capture(${scene.sqlAuthority()}, ${lockMs}, ${totalMs})`);

  test.each([
    ['a table', TABLE, 'INSERT INTO t VALUES (1)'],
    ['the last of its partitions', TREE, 'INSERT INTO t_3 VALUES (21)'],
  ])('in %s: starting gives up within its total, without a trace', async (_where, tables, statement) => {
    await scene.make(tables);
    await (await scene.side.session('app')).query(`BEGIN; ${statement}`);
    const owner = await scene.side.session('sluice_owner');
    const startedMs = Date.now();
    await expect(owner.query(startSql(100, 900))).rejects.toMatchObject({ code: '55P03' });
    expect(Date.now() - startedMs).toBeGreaterThanOrEqual(900);
    expect(Date.now() - startedMs).toBeLessThan(4_000);
    expect(await leftovers()).toEqual([]);
    expect(await locks(`'sluice_owner'`)).toEqual([]);
  });

  describe('other sessions queue no longer than one attempt', () => {
    const LOCK_MS = 300;

    test('while a start waits for a writer', async () => {
      await scene.make(`${TABLE}; INSERT INTO t VALUES (5, 0)`);
      await (await scene.side.session('app')).query('BEGIN; INSERT INTO t VALUES (1)');
      await assertNotHeldUp(startSql(LOCK_MS, 3_000));
    });

    test('while a stop waits for a reader', async () => {
      await scene.capture(`${TABLE}; INSERT INTO t VALUES (5, 0)`);
      await (await scene.side.session('app')).query('BEGIN; SELECT * FROM t');
      await assertNotHeldUp(stopSql(LOCK_MS, 3_000));
    });

    test('while a start waits for the writers of one partition after another', async () => {
      await scene.make(`${TREE}; INSERT INTO t VALUES (5, 0), (11, 0), (15, 0), (21, 0)`);
      // The last partition is always locked, so the start does not succeed, although the other partitions become free.
      await (await scene.side.session('app')).query('BEGIN; UPDATE t_3 SET v = v + 1 WHERE id = 21');
      let over = false;
      const traffic = [5, 11].map(async (id) => {
        const session = await scene.side.session('app');
        while (!over) {
          await session.query(`BEGIN; UPDATE t_${Math.ceil(id / 10)} SET v = v + 1 WHERE id = ${id}`);
          await sleep(270);
          await session.query('COMMIT');
        }
      });
      await assertNotHeldUp(startSql(LOCK_MS, 3_000), 15).finally(() => (over = true));
      await Promise.all(traffic);
    });

    async function assertNotHeldUp(sql: string, id = 5): Promise<void> {
      const owner = await scene.side.session('sluice_owner');
      let ended = false;
      const call = owner.query(sql).catch((error: unknown) => error);
      void call.then(() => (ended = true));
      const writer = await scene.side.session('app');
      const waitsMs: number[] = [];
      while (!ended) {
        const startedMs = Date.now();
        await writer.query(`UPDATE t SET v = v + 1 WHERE id = ${id}`);
        waitsMs.push(Date.now() - startedMs);
        await sleep(5);
      }
      expect(Math.max(...waitsMs)).toBeGreaterThan(LOCK_MS / 2);
      // The machine that runs the tests may be busy: the bound is one attempt plus the time of a slow statement.
      expect(Math.max(...waitsMs)).toBeLessThan(2 * LOCK_MS);
      // Writers run most of the time.
      expect(waitsMs.filter((ms) => ms < LOCK_MS / 2).length).toBeGreaterThan(20);
      await call;
    }
  });

  test('the call of the installer fails with a transient error', async () => {
    await scene.make(TABLE);
    await (await scene.side.session('app')).query('BEGIN; INSERT INTO t VALUES (1)');
    const impatient = Object.create(scene.installer) as typeof scene.installer;
    const query = (sql: string, parameters?: Record<string, string | number>) =>
      (
        scene.installer as unknown as { database: { query: (...all: unknown[]) => Promise<never> } }
      ).database.query(sql, {
        ...parameters,
        ...('totalMs' in (parameters ?? {}) ? { totalMs: 100 } : {}),
      });
    Object.assign(impatient, { database: { query } });
    const layout = await scene.layout('t');
    await expect(impatient.startCapture(scene.authority(), 'shop.t', layout, 1e9)).rejects.toBeInstanceOf(
      TransientFailure,
    );
  });

  test('with overlapping short transactions, starting and stopping succeed', async () => {
    await scene.make(`${TABLE}; INSERT INTO t SELECT generate_series(1, 3)`);
    let over = false;
    const traffic = async (id: number) => {
      const session = await scene.side.session('app');
      for (let v = 0; !over; v += 1) {
        await session.query(`BEGIN; UPDATE t SET v = ${v} WHERE id = ${id}`);
        await sleep(60);
        await session.query('COMMIT');
      }
    };
    const writers = [1, 2, 3].map(traffic);
    await sleep(150);
    await scene.start();
    await scene.installer.stopCapture(scene.authority());
    over = true;
    await Promise.all(writers);
    expect(await leftovers()).toEqual([]);
  });
});

describe('stopping', () => {
  const MINE = `
    CREATE FUNCTION capture_1() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
    CREATE SEQUENCE capture_1_over;
    CREATE TRIGGER sluice_capture_insert AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION capture_1();
    CREATE TRIGGER sluice_capture_insert_1 AFTER INSERT ON t FOR EACH STATEMENT EXECUTE FUNCTION capture_1();
    ALTER TABLE t ENABLE ALWAYS TRIGGER sluice_capture_insert_1`;

  test.each([
    ['an ordinary table', TABLE],
    ['a partitioned table', TREE],
  ])('leaves %s as it was, and what others made, whatever its name', async (_kind, tables) => {
    await scene.make(`${tables}; ${MINE}`);
    const before = await schema();
    await scene.start();
    await scene.side.sql('INSERT INTO t VALUES (1); TRUNCATE t', 'app');
    expect(await schema()).not.toEqual(before);
    await scene.installer.stopCapture(scene.authority());
    expect(await schema()).toEqual(before);
    expect(await scene.side.count('sluice.change_log')).toBe(0);
    await scene.installer.stopCapture(scene.authority());
    await scene.side.sql('INSERT INTO t VALUES (2)', 'app');
    expect(await scene.side.count('sluice.change_log')).toBe(0);
  });

  test('finds its triggers on tables that were detached, renamed or moved', async () => {
    await scene.capture(TREE);
    await scene.side
      .sql(`SET ROLE app_owner; ALTER TABLE t DETACH PARTITION t_1; ALTER TABLE t_2 RENAME TO "T 2";
      CREATE TABLE t_4 PARTITION OF t FOR VALUES FROM (30) TO (40);
      RESET ROLE; CREATE TABLE shop.t_5 PARTITION OF shop.t FOR VALUES FROM (50) TO (60);
      CREATE SCHEMA attic AUTHORIZATION app_owner; ALTER TABLE t SET SCHEMA attic; ALTER TABLE attic.t RENAME TO old`);
    expect(
      await scene.side.sql(`INSERT INTO attic.old VALUES (31), (51); INSERT INTO t_1 VALUES (1)`),
    ).toEqual([]);
    await scene.installer.stopCapture(scene.authority());
    expect(await leftovers()).toEqual([]);
    await scene.side.sql(`INSERT INTO attic.old VALUES (11), (32), (52); INSERT INTO t_1 VALUES (2)`);
  });

  test('succeeds for a table that was dropped, recreated or moved', async () => {
    await scene.capture(
      `${TABLE}; CREATE TABLE u (id int PRIMARY KEY); CREATE TABLE w (id int PRIMARY KEY)`,
      ['t', 'u', 'w'],
    );
    await scene.side.sql('DROP TABLE t; DROP TABLE u; CREATE TABLE u (id int PRIMARY KEY)');
    await scene.installer.stopCapture(scene.authority());
    expect(await leftovers()).toEqual([]);
  });

  test("leaves another owner's capture and its entries alone", async () => {
    await scene.capture(`${TABLE}; CREATE TABLE u (id int PRIMARY KEY)`, ['t', 'u']);
    await scene.side.sql(`UPDATE sluice.capture SET owner = 'another' WHERE table_name = 'shop.u'`);
    await scene.side.sql('INSERT INTO t SELECT generate_series(1, 30000); INSERT INTO u VALUES (1)', 'app');
    await scene.installer.stopCapture(scene.authority());
    await scene.side.sql('INSERT INTO t VALUES (0); INSERT INTO u VALUES (2)', 'app');
    expect(await scene.side.sql('SELECT key::text FROM sluice.change_log ORDER BY 1')).toEqual([
      { key: '{1}' },
      { key: '{2}' },
    ]);
    expect(await scene.side.sql('SELECT table_name FROM sluice.capture')).toEqual([{ table_name: 'shop.u' }]);
    expect(await scene.log.captures({ ...scene.authority(), owner: 'another' })).toMatchObject([
      { lost: null },
    ]);
  });

  test('deletes its rows although a publication publishes the deletes of all tables', async () => {
    await scene.capture(`${TABLE}; CREATE TABLE u (id int PRIMARY KEY)`, ['t', 'u']);
    await scene.side.sql(`UPDATE sluice.capture SET owner = 'another' WHERE table_name = 'shop.u'`);
    await scene.side.sql('CREATE PUBLICATION everything FOR ALL TABLES');
    await scene.side.sql('INSERT INTO t VALUES (1); TRUNCATE t; TRUNCATE u', 'app');
    await scene.installer.stopCapture(scene.authority());
    expect(await scene.side.count('sluice.capture_loss')).toBe(1);
    expect(await scene.side.count('sluice.change_log')).toBe(0);
    await scene.side.sql(`UPDATE sluice.capture SET owner = '${OWNER}'`);
    await scene.installer.stopCapture(scene.authority());
    expect(await leftovers()).toEqual([]);
  });

  test('is reported to an applier that still checks the capture', async () => {
    await scene.capture(TABLE);
    await scene.side.sql(versioned(`SELECT sluice.stop_capture(${scene.sqlAuthority()}, 400, 2000)`));
    expect(await scene.lost()).toBe('the capture was stopped');
    await scene.installer.stopCapture(scene.authority());
    expect(await scene.log.captures(scene.authority())).toEqual([]);
  });

  test('does nothing where Sluice is not installed', async () => {
    await scene.side.sql('DROP SCHEMA sluice CASCADE');
    await scene.installer.stopCapture(scene.authority());
    await scene.installer.uninstall(scene.authority());
  });

  test('is part of an uninstall', async () => {
    await scene.make(TABLE);
    const before = await schema();
    await scene.side.sql('DELETE FROM sluice.guard');
    await scene.installer.register(scene.authority(), [{ schema: 'shop', name: 't' }], 'sluice_worker');
    await scene.start();
    await scene.side.sql('INSERT INTO t VALUES (1)', 'app');
    await scene.installer.uninstall(scene.authority());
    expect(await schema()).toEqual(before);
    expect(await scene.side.traces()).toEqual([]);
  });
});

/** Lists the locks that logins hold on the application's tables. */
const locks = (logins = `'sluice_owner', 'sluice_worker'`) =>
  scene.side.sql(`
    SELECT c.relname, l.mode FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation
    JOIN pg_stat_activity AS a ON a.pid = l.pid
    WHERE a.datname = current_database() AND c.relnamespace = 'shop'::regnamespace AND a.usename IN (${logins})`);
