/** Keys are logged as text, but their type's hash selects the partition: equal keys share one, whatever their text. */
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

const ODD_SESSION = `SET DateStyle = 'SQL, DMY'; SET TimeZone = 'Asia/Kolkata'; SET IntervalStyle = 'sql_standard';
  SET bytea_output = 'escape'; SET lc_monetary = 'C.UTF-8'; SET search_path = public`;

describe.each<[type: string, value: string, key: string]>([
  ['bigint', '9223372036854775807', '{9223372036854775807}'],
  ['text', `E'a "b", {c}\\\\ é'`, `{"a \\"b\\", {c}\\\\ é"}`],
  ['text', `''`, '{""}'],
  ['text', `'NULL'`, '{"NULL"}'],
  ['char(4)', `'ab'`, '{"ab  "}'],
  ['varchar(20)', `'ab  '`, '{"ab  "}'],
  ['uuid', `'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'`, '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}'],
  ['numeric', '1.50', '{1.50}'],
  ['numeric(12,4)', '1.5', '{1.5000}'],
  ['date', `DATE '2024-02-01'`, '{2024-02-01}'],
  ['timestamp', `TIMESTAMP '2024-02-01 03:04:05.678901'`, '{"2024-02-01 03:04:05.678901"}'],
  ['timestamptz', `TIMESTAMPTZ '2024-02-01 03:04:05.5+05:30'`, '{"2024-01-31 21:34:05.5+00"}'],
  ['interval', `INTERVAL '1 year 2 days 03:04:05'`, '{"1 year 2 days 03:04:05"}'],
  ['bytea', `'\\xdeadbeef'::bytea`, '{"\\\\xdeadbeef"}'],
  ['money', `1234.5::numeric::money`, '{"$1,234.50"}'],
  ['bit varying(8)', `B'0101'`, '{0101}'],
  ['inet', `'10.1.2.3/8'`, '{10.1.2.3/8}'],
  ['int4range', `'[1,5)'`, '{"[1,5)"}'],
  ['shop.mood', `'sad'`, '{sad}'],
  ['shop.day', `DATE '2024-02-01'`, '{2024-02-01}'],
])('a key of type %s, %s', (type, value, key) => {
  test('has the same text, row and partition from every session', async () => {
    await scene.capture(`
      CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE DOMAIN day AS date CHECK (VALUE > '2000-01-01');
      CREATE TABLE t (id ${type} PRIMARY KEY, v int)`);
    await scene.side.sql(`INSERT INTO t VALUES (${value}, 1)`, 'app');
    await scene.side.sql(`${ODD_SESSION}; UPDATE shop.t SET v = 2`);
    const { id, layout } = scene.of('t');
    await scene.log.enqueue(layout, id, [key]);
    const logged = await scene.partitions();
    expect(logged.map((entry) => entry.key)).toEqual([key, key, key]);
    expect(new Set(logged.map(({ partition }) => partition)).size).toBe(1);
    expect(await scene.takeDirty()).toMatchObject([{ key, entries: { length: 3 }, row: { 1: '2' } }]);
  });
});

test('equal keys with different texts are one key, in one partition', async () => {
  await scene.capture('CREATE TABLE t (id numeric PRIMARY KEY, v int)');
  await scene.side.sql(`INSERT INTO t VALUES (1.0, 7); DELETE FROM t; INSERT INTO t VALUES (1.00, 8)`, 'app');
  await scene.log.enqueue(scene.of('t').layout, scene.of('t').id, ['{1}', '{1.000}']);
  const logged = await scene.partitions();
  expect(logged.map(({ key }) => key)).toEqual(['{1}', '{1.0}', '{1.0}', '{1.00}', '{1.000}']);
  expect(new Set(logged.map(({ partition }) => partition)).size).toBe(1);
  expect(await scene.takeDirty()).toMatchObject([{ entries: { length: 5 }, row: ['1.00', '8'] }]);
});

test('so are equal intervals', async () => {
  await scene.capture('CREATE TABLE t (id interval PRIMARY KEY)');
  await scene.side.sql(
    `INSERT INTO t VALUES ('1 day'); DELETE FROM t; INSERT INTO t VALUES ('24:00')`,
    'app',
  );
  expect(new Set((await scene.partitions()).map(({ partition }) => partition)).size).toBe(1);
  expect(await scene.takeDirty()).toMatchObject([{ entries: { length: 3 }, row: ['24:00:00'] }]);
});

test('keys are distributed to all partitions', async () => {
  await scene.capture('CREATE TABLE t (id int PRIMARY KEY)');
  await scene.side.sql('INSERT INTO t SELECT generate_series(1, 400)', 'app');
  const counts = new Map<number, number>();
  for (const { partition } of await scene.partitions())
    counts.set(partition, (counts.get(partition) ?? 0) + 1);
  expect([...counts.keys()].sort()).toEqual([0, 1, 2, 3]);
  expect(Math.min(...counts.values())).toBeGreaterThan(50);
});

test('a table with another unique constraint has one partition', async () => {
  await scene.capture('CREATE TABLE t (id int PRIMARY KEY, email text UNIQUE)');
  await scene.side.sql(`INSERT INTO t SELECT i, i || '@x' FROM generate_series(1, 50) AS i`, 'app');
  await scene.log.enqueue(scene.of('t').layout, scene.of('t').id, ['{51}']);
  expect(new Set((await scene.partitions()).map(({ partition }) => partition))).toEqual(new Set([0]));
  expect(await scene.takeDirty()).toHaveLength(51);
});

test('a composite key is logged in the order of the key, not of the columns', async () => {
  await scene.capture(
    `CREATE TABLE t (v text, "Line no" int, "order" uuid, PRIMARY KEY ("order", "Line no"));
     INSERT INTO t VALUES ('a', 1, '00000000-0000-0000-0000-000000000001')`,
  );
  const [first, second] = ['00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002'];
  expect(await scene.madeDirty(`UPDATE t SET "order" = '${second}'`)).toEqual([
    `{${first},1}`,
    `{${second},1}`,
  ]);
});

test('chunked by a time: the key starts with the time, and a row stays in its partition when the time changes', async () => {
  await scene.capture(
    'CREATE TABLE t (id int PRIMARY KEY, at timestamptz NOT NULL); CREATE INDEX ON t (at)',
    [{ source: 'shop.t', chunking: { by: 'at' } }],
  );
  await scene.side.sql(
    `${ODD_SESSION}; INSERT INTO shop.t SELECT i, '2024-01-01Z' FROM generate_series(1, 20) AS i;
     UPDATE shop.t SET at = '2024-06-01Z'`,
  );
  const { id, layout } = scene.of('t');
  await scene.log.enqueue(layout, id, ['{"2025-01-01 00:00:00+00",7}']);
  const logged = await scene.partitions();
  const seven = logged.filter(({ key }) => key.endsWith(',7}'));
  expect(seven.map(({ key }) => key)).toEqual([
    '{"2024-01-01 00:00:00+00",7}',
    '{"2024-01-01 00:00:00+00",7}',
    '{"2024-06-01 00:00:00+00",7}',
    '{"2025-01-01 00:00:00+00",7}',
  ]);
  expect(new Set(seven.map(({ partition }) => partition)).size).toBe(1);
  expect(new Set(logged.map(({ partition }) => partition)).size).toBeGreaterThan(1);
  const rows = (await scene.takeDirty()).filter(({ key }) => key.endsWith(',7}'));
  expect(Object.fromEntries(rows.map(({ key, row }) => [key, row]))).toEqual({
    '{"2024-01-01 00:00:00+00",7}': 'gone',
    '{"2024-06-01 00:00:00+00",7}': ['7', '2024-06-01 00:00:00+00'],
    '{"2025-01-01 00:00:00+00",7}': 'gone',
  });
});
