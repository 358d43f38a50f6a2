/** An application cannot write through a closed guard by objects of its own that have the names of the system's. */
import { startLab, type Lab } from '../support/world';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

test.each([
  ['a type', 'CREATE DOMAIN pg_temp.timestamptz AS date'],
  [
    'a function',
    `CREATE FUNCTION pg_temp.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$SELECT 'infinity'::pg_catalog.timestamptz$$`,
  ],
  [
    'an operator',
    `CREATE FUNCTION pg_temp.later(timestamptz, timestamptz) RETURNS bool LANGUAGE sql AS 'SELECT true';
    CREATE OPERATOR pg_temp.>= (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = pg_temp.later)`,
  ],
])('not by %s in pg_temp', async (_what, objects) => {
  const trial = await lab.trial({
    tables: 'CREATE TABLE t (id int PRIMARY KEY)',
    definition: { fence: { minutes: 5 } },
  });
  await trial.begin();
  await trial.walk('fence');
  const application = await trial.source.session('app');
  await application.query(objects);
  await expect(application.query('INSERT INTO shop.t VALUES (1)')).rejects.toThrow(/guards it as its source/);
  await application.query('SET search_path = pg_temp, pg_catalog, shop');
  await expect(application.query('INSERT INTO shop.t VALUES (1)')).rejects.toThrow(/guards it as its source/);
  expect(await trial.source.count('t')).toBe(0);
});

test('a change is captured although the application has types of the same names', async () => {
  const trial = await lab.trial({
    tables: 'CREATE TABLE t (id int PRIMARY KEY, v text)',
    definition: { shape: 'cdc', fence: { seconds: 60 } },
  });
  await trial.begin();
  for (const stage of ['preflight', 'prepare', 'start-capture'] as const) await trial.stage(stage);
  const application = await trial.source.session('app');
  for (const type of ['text', 'bigint', 'int8', 'jsonb', 'timestamptz'])
    await application.query(`CREATE TYPE pg_temp.${type} AS ENUM ('planted')`);
  await application.query(`INSERT INTO shop.t VALUES (1, 'new')`);
  expect(await trial.source.count('sluice.change_log')).toBe(1);
});
