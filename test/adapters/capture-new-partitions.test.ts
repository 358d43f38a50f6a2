/** A partition that is created or attached empty is captured like the others; one that is attached with rows, or removed, is a loss. */
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

const LATER = `CREATE TABLE t (id int PRIMARY KEY, v int) PARTITION BY RANGE (id);
    CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10);
    CREATE TABLE empty (id int PRIMARY KEY, v int); CREATE TABLE filled (id int PRIMARY KEY, v int); INSERT INTO filled VALUES (41);
    CREATE TABLE branch (id int PRIMARY KEY, v int) PARTITION BY RANGE (id);
    CREATE TABLE twig PARTITION OF branch FOR VALUES FROM (40) TO (50)`;
const asOwner = (statements: string) => scene.side.sql(statements, 'app_owner');
beforeEach(() => scene.capture(LATER));

test.each([
  ['created', 'CREATE TABLE t_4 PARTITION OF t FOR VALUES FROM (40) TO (50)'],
  [
    'created with partitions',
    `CREATE TABLE t_4 PARTITION OF t FOR VALUES FROM (40) TO (50) PARTITION BY RANGE (id);
      CREATE TABLE t_4_1 PARTITION OF t_4 DEFAULT`,
  ],
  ['attached', 'ALTER TABLE t ATTACH PARTITION empty FOR VALUES FROM (40) TO (50)'],
  ['attached with partitions', 'ALTER TABLE t ATTACH PARTITION branch FOR VALUES FROM (40) TO (50)'],
  [
    'attached after it was emptied',
    'TRUNCATE filled; ALTER TABLE t ATTACH PARTITION filled FOR VALUES FROM (40) TO (50)',
  ],
  [
    'created and granted',
    'CREATE TABLE t_4 PARTITION OF t FOR VALUES FROM (40) TO (50); GRANT SELECT ON t_4 TO app',
  ],
])('%s empty, is captured, before it is found and afterwards', async (_how, statements) => {
  await asOwner(statements);
  await asOwner('INSERT INTO t VALUES (44); UPDATE t SET v = 1');
  expect(await scene.lost()).toBeNull();
  expect(new Set((await scene.takeDirty()).map(({ key }) => key))).toEqual(new Set(['{44}']));
  await asOwner('INSERT INTO t VALUES (45); DELETE FROM t WHERE id = 44');
  expect((await scene.takeDirty()).map(({ key }) => key).sort()).toEqual(['{44}', '{45}']);
  expect(await scene.lost()).toBeNull();
});

test.each([
  [
    'in one transaction',
    'BEGIN; CREATE TABLE t_4 PARTITION OF t FOR VALUES FROM (40) TO (50); INSERT INTO t VALUES (44); COMMIT',
  ],
  [
    'by a function that finds it missing',
    `DO $$ BEGIN BEGIN CREATE TABLE t_4 PARTITION OF t FOR VALUES FROM (40) TO (50); EXCEPTION WHEN duplicate_table THEN NULL; END;
       INSERT INTO t VALUES (44); END $$`,
  ],
])('created and then filled, %s, is captured', async (_how, statements) => {
  await asOwner(statements);
  expect(await scene.lost()).toBeNull();
  expect(new Set((await scene.takeDirty()).map(({ key }) => key))).toEqual(new Set(['{44}']));
});

test.each<[string, string, string]>([
  ['attached', 'ALTER TABLE t ATTACH PARTITION filled FOR VALUES FROM (40) TO (50)', 'shop.filled'],
  [
    'attached below another one',
    'INSERT INTO twig VALUES (44); ALTER TABLE t ATTACH PARTITION branch FOR VALUES FROM (40) TO (50)',
    'shop.twig',
  ],
  [
    'created, filled and attached in one transaction',
    'BEGIN; CREATE TABLE t_4 (LIKE t INCLUDING ALL); INSERT INTO t_4 VALUES (44); ALTER TABLE t ATTACH PARTITION t_4 FOR VALUES FROM (40) TO (50); COMMIT',
    'shop.t_4',
  ],
])('%s with rows, loses the capture', async (_how, statements, name) => {
  await asOwner(statements);
  expect(await scene.lost()).toBe(`partition ${name} was attached with rows`);
});

test.each<[string, string, string]>([
  ['truncated before it is found', 'TRUNCATE t_4', 'the new partition shop.t_4 was truncated or rewritten'],
  [
    'whose trigger is disabled',
    'ALTER TABLE t_4 DISABLE TRIGGER USER',
    'a capture trigger of the new partition shop.t_4 was disabled, changed or dropped',
  ],
])('%s, loses the capture', async (_how, statement, why) => {
  await asOwner('CREATE TABLE t_4 PARTITION OF t FOR VALUES FROM (40) TO (50)');
  await asOwner('INSERT INTO t VALUES (44)');
  await asOwner(statement);
  expect(await scene.lost()).toBe(why);
});

test.each<[string, RegExp]>([
  ['TRUNCATE t_4', /^TRUNCATE emptied shop.t_4 /],
  ['ALTER TABLE t DETACH PARTITION t_4', /^a partition was detached or dropped/],
  ['DROP TABLE t_4', /^a partition was detached or dropped/],
])('and was found, loses the capture by %s', async (statement, why) => {
  await asOwner('CREATE TABLE t_4 PARTITION OF t FOR VALUES FROM (40) TO (50)');
  expect(await scene.lost()).toBeNull();
  await asOwner(statement);
  expect(await scene.lost()).toMatch(why);
});

test('waits for its writer, and is found when that has ended', async () => {
  await asOwner('CREATE TABLE t_4 PARTITION OF t FOR VALUES FROM (40) TO (50)');
  const writer = await scene.side.session('app_owner');
  await writer.query('BEGIN; INSERT INTO t VALUES (44)');
  expect(await scene.lost()).toBeNull();
  await writer.query('COMMIT');
  expect(await scene.lost()).toBeNull();
  await asOwner('TRUNCATE t_4');
  expect(await scene.lost()).toMatch(/^TRUNCATE emptied/);
});
