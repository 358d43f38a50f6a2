/** DDL of the application's owner after the comparison: the source may no longer hold the compared rows, so nothing is sealed. */
import { recordOf } from './live-setup';
import { startLab, type Lab } from '../support/world';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());
afterEach(() => lab.endTrials());

const TABLES = `CREATE TABLE price (id int PRIMARY KEY, amount numeric); CREATE TABLE swap (id int PRIMARY KEY, v int);
  CREATE TABLE parts (id int PRIMARY KEY, v int) PARTITION BY RANGE (id);
  CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (1000);
  CREATE TABLE filled (id int PRIMARY KEY, v int); INSERT INTO filled VALUES (2000, 1)`;
const SEED = ['price', 'swap', 'parts']
  .map((table) => `INSERT INTO ${table} SELECT n, n FROM generate_series(1, 150) AS n`)
  .join('; ');

const DDL = {
  'a column converted': 'ALTER TABLE price ALTER COLUMN amount TYPE numeric USING amount * 2',
  'a table replaced':
    'ALTER TABLE swap RENAME TO swap_old; CREATE TABLE swap (LIKE swap_old INCLUDING ALL); INSERT INTO swap SELECT * FROM swap_old',
  'a table dropped': 'DROP TABLE swap',
  'a filled partition attached': 'ALTER TABLE parts ATTACH PARTITION filled FOR VALUES FROM (2000) TO (3000)',
  'a table that inherits': 'CREATE TABLE heir () INHERITS (price); INSERT INTO heir VALUES (999, 1)',
};

describe.each([
  ['source', 'offline', 'verify', 'open'],
  ['target', 'offline', 'verify', 'open'],
  ['target', 'cdc', 'catch-up', 'stop-capture'],
] as const)('at the %s of shape %s', (side, shape, before, last) => {
  test.each(Object.entries(DDL))('%s', async (_, ddl) => {
    const trial = await lab.trial({
      tables: TABLES,
      seed: SEED,
      map: ['price', 'swap', 'parts'],
      definition: { shape },
    });
    await trial.begin();
    await trial.walk(before);
    await trial[side].sql(ddl, 'app_owner');
    await expect(trial.walk(last)).rejects.toThrow(
      /changed|rewritten|attached with rows|renamed|dropped|guard of the (source|target)/,
    );
    expect((await recordOf(trial)).writes).not.toBe('target');
  });
});
