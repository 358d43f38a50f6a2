/** A change of a partitioned table is logged once, whichever table of the tree the statement names. */
import { startLab, type Lab } from '../support/world';
import { CaptureScene } from './capture-scene';

let lab: Lab;
let scene: CaptureScene;

const TREE = `
  CREATE TABLE parent (id int PRIMARY KEY);
  CREATE TABLE t (id int, region text, v int, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
  CREATE TABLE t_north PARTITION OF t FOR VALUES IN ('n');
  CREATE TABLE t_south (v int, gone int, region text NOT NULL, id int NOT NULL);
  ALTER TABLE t_south DROP COLUMN gone; ALTER TABLE t ATTACH PARTITION t_south FOR VALUES IN ('s');
  CREATE TABLE t_east PARTITION OF t FOR VALUES IN ('e') PARTITION BY RANGE (id);
  CREATE TABLE t_east_low PARTITION OF t_east FOR VALUES FROM (0) TO (100);
  CREATE TABLE t_east_high PARTITION OF t_east FOR VALUES FROM (100) TO (1000);
  ALTER TABLE t ADD COLUMN p int REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE;
  INSERT INTO parent SELECT generate_series(1, 5)`;

beforeAll(async () => {
  lab = await startLab();
  scene = await CaptureScene.open(lab);
  await scene.capture(TREE);
});
afterAll(async () => {
  await scene?.close();
  await lab.stop();
});

beforeEach(async () => {
  await scene.side.sql(
    `DELETE FROM t; INSERT INTO t VALUES (1, 'n', 0, 1), (2, 's', 0, 2), (3, 'e', 0, 3), (300, 'e', 0, 1)`,
  );
  await scene.takeDirty();
});

test.each<[string, string, string[]]>([
  [
    'through the parent',
    `INSERT INTO t VALUES (4, 'n'), (5, 's'), (6, 'e'); UPDATE t SET v = 1 WHERE id < 3; DELETE FROM t WHERE id = 300`,
    ['{1,n}', '{2,s}', '{300,e}', '{4,n}', '{5,s}', '{6,e}'],
  ],
  [
    'on a leaf itself',
    `INSERT INTO t_north VALUES (4, 'n'); UPDATE t_south SET v = 1; DELETE FROM t_east_high`,
    ['{2,s}', '{300,e}', '{4,n}'],
  ],
  [
    'on a partition that has partitions',
    `INSERT INTO t_east VALUES (7, 'e'), (700, 'e'); UPDATE t_east SET v = 2 WHERE id = 3`,
    ['{3,e}', '{7,e}', '{700,e}'],
  ],
  [
    'moved to another partition through the parent',
    `UPDATE t SET region = 's' WHERE id = 1`,
    ['{1,n}', '{1,s}'],
  ],
  [
    'moved within a partition that has partitions',
    `UPDATE t_east SET id = 33 WHERE id = 300`,
    ['{300,e}', '{33,e}'],
  ],
  [
    'upserted through the parent and on a leaf',
    `INSERT INTO t VALUES (1, 'n'), (8, 'n') ON CONFLICT (id, region) DO UPDATE SET v = 9;
     INSERT INTO t_south VALUES (5, 's', 2), (5, 's', 9) ON CONFLICT (id, region) DO UPDATE SET v = 9`,
    ['{1,n}', '{2,s}', '{8,n}', '{9,s}'],
  ],
  [
    'merged',
    `MERGE INTO t USING (VALUES (1, 'n', 's'), (9, 'e', 'e')) AS s(id, was, now) ON t.id = s.id AND t.region = s.was
     WHEN MATCHED THEN UPDATE SET region = s.now WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.now)`,
    ['{1,n}', '{1,s}', '{9,e}'],
  ],
  [
    'deleted by a cascade',
    `DELETE FROM parent WHERE id = 1; INSERT INTO parent VALUES (1)`,
    ['{1,n}', '{300,e}'],
  ],
  [
    'updated by a cascade',
    `UPDATE parent SET id = 30 WHERE id = 3; UPDATE parent SET id = 3 WHERE id = 30`,
    ['{3,e}', '{3,e}'],
  ],
])('%s', async (_how, statements, keys) => {
  expect(await scene.madeDirty(statements, 'app_owner')).toEqual(keys);
});

test('COPY, to the parent and to a leaf', async () => {
  await scene.side.sql(`
    COPY t (id, region) FROM PROGRAM 'printf "21\\tn\\n22\\ts\\n"';
    COPY t_east_low (id, region) FROM PROGRAM 'printf "23\\te\\n"'`);
  expect((await scene.takeDirty()).map(({ key, entries }) => [key, entries.length]).sort()).toEqual([
    ['{21,n}', 1],
    ['{22,s}', 1],
    ['{23,e}', 1],
  ]);
});

test('the row of a key is read through the parent', async () => {
  await scene.side.sql(`UPDATE t_south SET v = 5`);
  expect((await scene.takeDirty()).map(({ row }) => row)).toEqual([['2', 's', '5', '2']]);
});

test.each(['t', 't_north', 't_east_low'])('TRUNCATE of %s', async (table) => {
  await scene.capture(TREE);
  await scene.side.sql(`TRUNCATE ${table}`, 'app');
  expect(await scene.lost()).toMatch(new RegExp(`^TRUNCATE emptied shop.${table} `));
});
