/** Attack: both ends in one database, the whole lifecycle. */
import { endpoint } from '../support/trial-definition';
import { startLab, type Lab, type Trial } from '../support/world';
import { recordOf } from './live-setup';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());
afterEach(() => lab.endTrials());

const HERE = { source: { test: endpoint('source') }, target: { test: endpoint('source') } };
const PLAIN = {
  tables: 'CREATE TABLE t (id int PRIMARY KEY, v text)',
  seed: `INSERT INTO t SELECT n, 'v' || n FROM generate_series(1, 250) AS n; ANALYZE`,
  target: 'CREATE TABLE next.t (id int PRIMARY KEY, v text)',
};

async function within(shape: 'offline' | 'cdc', { tables, seed, target } = PLAIN): Promise<Trial> {
  const { source } = await lab.trial({ tables, seed });
  await source.sql(`CREATE SCHEMA next AUTHORIZATION app_owner; SET ROLE app_owner; ${target}; GRANT USAGE ON SCHEMA next TO sluice_worker, sluice_verifier, app;
    GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA next TO sluice_worker, app; GRANT SELECT ON next.t TO sluice_verifier; RESET ROLE`);
  return lab.trialOn(source, source, {
    map: [{ source: 'shop.t', target: 'next.t', chunking: { rows: 100 } }],
    definition: { shape, ...HERE, fence: shape === 'cdc' ? { seconds: 60 } : { minutes: 10 } },
  });
}
const open = (trial: Trial, schema: string) =>
  trial.source.sql(`BEGIN; INSERT INTO ${schema}.t VALUES (-1); ROLLBACK`, 'app').then(
    () => true,
    () => false,
  );
const state = async (trial: Trial) => ({
  source: await open(trial, 'shop'),
  target: await open(trial, 'next'),
  rows: await trial.source.sql('SELECT count(*)::int AS n FROM next.t'),
});

/** Both ends reference a table that stays, and draw one of their numbers from the same sequence. */
const BORDER = {
  tables: `CREATE SEQUENCE shared START 100; CREATE TABLE parent (id int PRIMARY KEY);
    CREATE TABLE t (id serial PRIMARY KEY, number int DEFAULT nextval('shop.shared'), p int)`,
  seed: `INSERT INTO parent SELECT generate_series(1, 9); INSERT INTO t (p) SELECT n % 9 + 1 FROM generate_series(1, 250) AS n; ANALYZE`,
  target: `CREATE TABLE next.t (id serial PRIMARY KEY, number int DEFAULT nextval('shop.shared'), p int REFERENCES shop.parent)`,
};

describe.each(['offline', 'cdc'] as const)('%s', (shape) => {
  test('is migrated', async () => {
    const trial = await within(shape);
    await trial.begin();
    await trial.walk(shape === 'cdc' ? 'stop-capture' : 'open');
    expect(await state(trial)).toEqual({ source: false, target: true, rows: [{ n: 250 }] });
    expect(await recordOf(trial)).toMatchObject({ status: 'done', writes: 'target' });
  });
  test('can be aborted after the seal and started again', async () => {
    const trial = await within(shape);
    await trial.begin();
    await trial.walk('seal');
    await trial.abort();
    expect(await state(trial)).toEqual({ source: true, target: true, rows: [{ n: 0 }] });
    await trial.begin('execution-2');
    await trial.walk(shape === 'cdc' ? 'stop-capture' : 'open');
    expect(await state(trial)).toEqual({ source: false, target: true, rows: [{ n: 250 }] });
  });
  test('is resumed after each stage that stops it', async () => {
    const trial = await within(shape);
    await trial.begin();
    await trial.walk('backfill');
    await trial.begin('execution-2');
    await trial.walk('seal');
    await trial.begin('execution-3');
    await trial.walk(shape === 'cdc' ? 'stop-capture' : 'open');
    expect(await state(trial)).toEqual({ source: false, target: true, rows: [{ n: 250 }] });
  });
  test('proves the parents of a table that stays, and leaves a shared sequence as it is', async () => {
    const trial = await within(shape, BORDER);
    const last = () => trial.source.sql('SELECT last_value::int AS last FROM shop.shared');
    await trial.begin();
    await trial.walk(shape === 'cdc' ? 'stop-capture' : 'open');
    expect(await last()).toEqual([{ last: 349 }]);
    expect(await trial.source.sql('SELECT last_value::int AS last FROM next.t_id_seq')).toEqual([
      { last: 1_250 },
    ]);
    expect((await recordOf(trial)).notices).toMatchObject({
      shown: expect.arrayContaining([
        expect.stringMatching(/sequence shop\.shared, and so does/),
      ]) as string[],
    });
  });
  test('refuses rows without a parent in a table that stays', async () => {
    const trial = await within(shape, BORDER);
    await trial.source.sql('INSERT INTO t (p) VALUES (77)');
    await trial.begin();
    await expect(trial.walk('seal')).rejects.toThrow(/rows without the parent .*: next\.t/);
    expect(await trial.source.sql('SELECT last_value::int AS last FROM shop.shared')).toEqual([
      { last: 350 },
    ]);
  });
});
