/** Attack: both ends in one database, the whole lifecycle. */
import { startLab, type Lab, type Trial } from '../support/world';
import { recordOf } from './live-setup';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());
afterEach(() => lab.endTrials());

async function within(shape: 'offline' | 'cdc'): Promise<Trial> {
  const made = await lab.trial({
    tables: 'CREATE TABLE t (id int PRIMARY KEY, v text)',
    seed: `INSERT INTO t SELECT n, 'v' || n FROM generate_series(1, 250) AS n; ANALYZE`,
  });
  const { source } = made;
  await source.sql(`CREATE SCHEMA next AUTHORIZATION app_owner; SET ROLE app_owner;
    CREATE TABLE next.t (id int PRIMARY KEY, v text); GRANT USAGE ON SCHEMA next TO sluice_worker, sluice_verifier, app;
    GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA next TO sluice_worker, app; GRANT SELECT ON next.t TO sluice_verifier; RESET ROLE`);
  return lab.trialOn(source, source, {
    map: [{ source: 'shop.t', target: 'next.t', chunking: { rows: 100 } }],
    definition: { shape, fence: shape === 'cdc' ? { seconds: 60 } : { minutes: 10 } },
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
});
