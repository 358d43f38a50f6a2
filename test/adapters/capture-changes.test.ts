/** Statement triggers see every kind of change, and log old and new keys, once for each row of a statement. */
import { startLab, type Lab } from '../support/world';
import { CaptureScene } from './capture-scene';

let lab: Lab;
let scene: CaptureScene;

beforeAll(async () => {
  lab = await startLab();
  scene = await CaptureScene.open(lab);
});
afterAll(async () => {
  await scene?.close();
  await lab.stop();
});

describe('an ordinary table', () => {
  beforeAll(() => scene.capture('CREATE TABLE t (id int PRIMARY KEY, v text)'));
  beforeEach(async () => {
    await scene.side.sql(`DELETE FROM t; INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')`);
    await scene.takeDirty();
  });

  test.each<[string, string, string[]]>([
    ['INSERT', `INSERT INTO t VALUES (7), (8)`, ['{7}', '{8}']],
    ['UPDATE', `UPDATE t SET v = 'x' WHERE id < 3`, ['{1}', '{2}']],
    ['UPDATE of a key: the old and the new one', `UPDATE t SET id = 9 WHERE id = 1`, ['{1}', '{9}']],
    [
      'UPDATE that moves keys between rows',
      `UPDATE t SET id = id + 10`,
      ['{11}', '{12}', '{13}', '{1}', '{2}', '{3}'],
    ],
    ['DELETE', `DELETE FROM t WHERE id <> 2`, ['{1}', '{3}']],
    [
      'upsert, both branches',
      `INSERT INTO t VALUES (1, 'x'), (7, 'x') ON CONFLICT (id) DO UPDATE SET v = EXCLUDED.v`,
      ['{1}', '{7}'],
    ],
    ['upsert that does nothing', `INSERT INTO t VALUES (1, 'x'), (7, 'x') ON CONFLICT DO NOTHING`, ['{7}']],
    [
      'MERGE, all branches',
      `MERGE INTO t USING (VALUES (1), (2), (7)) AS s(id) ON t.id = s.id
       WHEN MATCHED AND s.id = 1 THEN DELETE WHEN MATCHED THEN UPDATE SET v = 'x' WHEN NOT MATCHED THEN INSERT VALUES (s.id)`,
      ['{1}', '{2}', '{7}'],
    ],
    [
      'data-modifying CTEs',
      `WITH gone AS (DELETE FROM t WHERE id = 1 RETURNING *), moved AS (UPDATE t SET v = 'y' WHERE id = 2)
       INSERT INTO t SELECT id + 100 FROM gone`,
      ['{101}', '{1}', '{2}'],
    ],
    ['statement that changes no row', `UPDATE t SET v = 'x' WHERE id = 99; DELETE FROM t WHERE id = 99`, []],
    ['rolled back transaction', `BEGIN; UPDATE t SET v = 'x'; ROLLBACK`, []],
    [
      'rolled back savepoint',
      `BEGIN; DELETE FROM t WHERE id = 1; SAVEPOINT s; DELETE FROM t WHERE id = 2; ROLLBACK TO s; COMMIT`,
      ['{1}'],
    ],
    [
      'several statements of one transaction: each logs the key',
      `BEGIN; UPDATE t SET v = 'x' WHERE id = 1; UPDATE t SET v = 'y' WHERE id = 1; COMMIT`,
      ['{1}', '{1}'],
    ],
  ])('%s', async (_what, statements, keys) => {
    expect(await scene.madeDirty(statements)).toEqual(keys);
  });

  test('COPY', async () => {
    await scene.side.sql(`COPY t FROM PROGRAM 'printf "7\\tx\\n8\\ty\\n"'`);
    expect((await scene.takeDirty()).map(({ key }) => key).sort()).toEqual(['{7}', '{8}']);
  });

  test('every read returns the current row', async () => {
    await scene.side.sql(
      `UPDATE t SET v = 'x' WHERE id = 1; UPDATE t SET v = NULL WHERE id = 2; DELETE FROM t WHERE id = 3`,
    );
    const rows = (await scene.takeDirty()).map(({ key, row }) => [key, row]);
    expect(Object.fromEntries(rows)).toEqual({ '{1}': ['1', 'x'], '{2}': ['2', null], '{3}': 'gone' });
  });
});

describe('changes by every kind of writer', () => {
  beforeAll(() =>
    scene.capture(`CREATE TABLE t (id int PRIMARY KEY, at timestamptz DEFAULT now());
      CREATE FUNCTION write(i int) RETURNS void LANGUAGE sql SECURITY DEFINER AS 'INSERT INTO shop.t VALUES (i)'`),
  );
  const written = (statements: string, login?: 'superuser' | 'app' | 'app_owner') =>
    scene.madeDirty(statements, login);

  test('another role, by SET ROLE', async () => {
    expect(await written('SET ROLE app; INSERT INTO t VALUES (1); RESET ROLE', 'superuser')).toEqual(['{1}']);
  });

  test('the owner', async () => {
    expect(await written('INSERT INTO t VALUES (2)', 'app_owner')).toEqual(['{2}']);
  });

  test('a SECURITY DEFINER function', async () => {
    expect(await written('SELECT write(3)')).toEqual(['{3}']);
  });

  test('a session in the replica role, where ordinary triggers do not fire', async () => {
    expect(
      await written('SET session_replication_role = replica; INSERT INTO t VALUES (4)', 'superuser'),
    ).toEqual(['{4}']);
  });

  test('a session with a hostile search path, whose own objects are not used', async () => {
    const hostile = `
      CREATE TEMP TABLE new_rows (id int); INSERT INTO new_rows VALUES (666);
      CREATE TEMP TABLE change_log (capture bigint, partition int, key text[]);
      CREATE TYPE pg_temp.text AS (nothing int);
      CREATE FUNCTION pg_temp.hash_record(record) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1/0; END';
      SET search_path = pg_temp, shop, pg_catalog; INSERT INTO t VALUES (5)`;
    expect(await written(hostile, 'superuser')).toEqual(['{5}']);
  });

  test('no login may call the function, forge its entries or erase them; the worker may read and delete entries', async () => {
    const rights = (login: string) =>
      scene.side.sql(
        `SELECT has_schema_privilege('${login}', 'sluice', 'CREATE')
            OR has_function_privilege('${login}', 'sluice.capture_${scene.of('t').id}()', 'EXECUTE') AS capture,
          has_table_privilege('${login}', 'sluice.change_log', 'INSERT, UPDATE, TRUNCATE')
            OR has_table_privilege('${login}', 'sluice.capture', 'INSERT, UPDATE, DELETE')
            OR has_table_privilege('${login}', 'sluice.capture_loss', 'INSERT, UPDATE, DELETE') AS forge,
          has_table_privilege('${login}', 'sluice.change_log', 'SELECT, DELETE') AS forget`,
      );
    const nothing = { capture: false, forge: false, forget: false };
    expect(await rights('app')).toEqual([nothing]);
    expect(await rights('app_owner')).toEqual([nothing]);
    expect(await rights('sluice_worker')).toEqual([{ ...nothing, forget: true }]);
  });
});

describe('changes that the database makes', () => {
  test('cascades of foreign keys', async () => {
    await scene.capture(
      `CREATE TABLE parent (id int PRIMARY KEY);
       CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE);
       CREATE TABLE u (id int PRIMARY KEY, p int REFERENCES parent ON DELETE SET NULL);
       CREATE TABLE w (p int REFERENCES parent ON UPDATE CASCADE ON DELETE CASCADE PRIMARY KEY);
       INSERT INTO parent VALUES (1), (2), (3);
       INSERT INTO t VALUES (11, 1), (12, 1), (21, 2); INSERT INTO u VALUES (13, 1), (23, 2); INSERT INTO w VALUES (1), (2), (3)`,
      ['t', 'u', 'w'],
    );
    const dirty = async () =>
      Promise.all(
        ['t', 'u', 'w'].map(async (table) =>
          (await scene.takeDirty(table)).flatMap(({ key, entries }) => entries.map(() => key)).sort(),
        ),
      );
    await scene.side.sql('DELETE FROM parent WHERE id = 1', 'app');
    expect(await dirty()).toEqual([['{11}', '{12}'], ['{13}'], ['{1}']]);
    await scene.side.sql(
      'UPDATE parent SET id = 9 WHERE id = 3; UPDATE parent SET id = 8 WHERE id = 9',
      'app',
    );
    expect(await dirty()).toEqual([[], [], ['{3}', '{8}', '{9}', '{9}']]);
  });

  test('a key that a BEFORE trigger rewrites', async () => {
    await scene.capture(`
      CREATE TABLE t (id int PRIMARY KEY, v int);
      CREATE FUNCTION rewrite() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.id = NEW.id + 1000; RETURN NEW; END';
      CREATE TRIGGER a_rewrite BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION rewrite()`);
    expect(await scene.madeDirty('INSERT INTO t VALUES (1)')).toEqual(['{1001}']);
    expect(await scene.madeDirty('UPDATE t SET v = 1')).toEqual(['{1001}', '{2001}']);
  });

  test('rows that an AFTER trigger writes to another captured table, deferred or not', async () => {
    await scene.capture(
      `CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY);
       CREATE FUNCTION echo() RETURNS trigger LANGUAGE plpgsql AS
         'BEGIN EXECUTE format(''INSERT INTO shop.u VALUES (%s)'', NEW.id + TG_ARGV[0]::int); RETURN NULL; END';
       CREATE TRIGGER now AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION echo(10);
       CREATE CONSTRAINT TRIGGER later AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION echo(20)`,
      ['t', 'u'],
    );
    await scene.side.sql('BEGIN; INSERT INTO t VALUES (1), (2); COMMIT', 'superuser');
    const keys = (await scene.takeDirty('u')).flatMap(({ key, entries }) => entries.map(() => key)).sort();
    expect(keys).toEqual(['{11}', '{12}', '{21}', '{22}']);
  });
});

test('an entry with a smaller id that becomes visible later is still found', async () => {
  await scene.capture('CREATE TABLE t (id int PRIMARY KEY)');
  const early = await scene.side.session('app');
  await early.query('BEGIN; INSERT INTO t VALUES (1)');
  expect(await scene.madeDirty('INSERT INTO t VALUES (2), (3), (4), (5), (6)')).toHaveLength(5);
  expect(await scene.takeDirty()).toEqual([]);
  await early.query('COMMIT');
  expect((await scene.takeDirty()).map(({ key, row }) => [key, row])).toEqual([['{1}', ['1']]]);
});

test('a transaction that started before the capture is captured from its first write on', async () => {
  await scene.make(
    'CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY); INSERT INTO t VALUES (1)',
  );
  const old = await scene.side.session('app');
  await old.query(`BEGIN ISOLATION LEVEL REPEATABLE READ; INSERT INTO u VALUES (1)`);
  await old
    .query(`PREPARE change AS UPDATE t SET id = id WHERE id = 1; SELECT * FROM t`)
    .catch(() => undefined);
  await old.query('ROLLBACK; BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM u');
  await scene.start();
  await old.query('UPDATE t SET id = 7 WHERE id = 1; COMMIT');
  expect((await scene.takeDirty()).map(({ key }) => key).sort()).toEqual(['{1}', '{7}']);
});
