/** After the opening, the triggers of the guard go as soon as their tables can be locked, and nothing waits for that. */
import { MIGRATION } from '../../src/contract/lifecycle';
import { disarm } from '../../src/core/stages/disarm';
import { startLab, type Lab, type Trial } from '../support/world';

let lab: Lab;
let trial: Trial;
beforeAll(async () => {
  lab = await startLab();
});
beforeEach(async () => {
  trial = await lab.trial({
    tables: 'CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY)',
    seed: 'INSERT INTO t SELECT generate_series(1, 10)',
    map: ['t', 'u'],
  });
  await trial.begin();
  await trial.walk('open');
});
afterEach(() => lab.endTrials());
afterAll(() => lab.stop());

const armed = async () => {
  const rows = await trial.target.sql<{ name: string }>(
    `SELECT DISTINCT tgrelid::regclass::text AS name FROM pg_trigger WHERE starts_with(tgname, 'sluice_guard') ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
};

test('while the application holds a lock, its table stays armed, writes pass, and the migration is done', async () => {
  const holder = await trial.target.session('app');
  await holder.query('BEGIN; SELECT FROM u');
  expect(await disarm(trial.context())).toEqual({ verdict: 'wait' });
  expect(await armed()).toEqual(['u']);
  await trial.target.sql('INSERT INTO t VALUES (11); INSERT INTO u VALUES (11)', 'app');
  expect(await trial.control.recordOrFail(trial.name)).toMatchObject({ status: 'done' });
  await holder.query('COMMIT');
  expect(await disarm(trial.context())).toEqual({ verdict: 'done' });
  expect(await armed()).toEqual([]);
  expect(await trial.events()).toContain('guard disarmed');
});

test('an execution whose history is nearly full leaves it armed, and says so', async () => {
  const holder = await trial.target.session('app');
  await holder.query('BEGIN; SELECT FROM t');
  const context = trial.context();
  const run = { ...context.run, events: MIGRATION.eventBudget + 1 };
  expect(await disarm({ ...context, run })).toEqual({ verdict: 'done' });
  expect(await trial.events()).toContain('guard left armed');
});
