/** An abort destroys no rows that others wrote, and a late call of an ended generation blocks no later one. */
import { WrongState } from '../../src/core/errors';
import { type Lab, startLab } from '../support/world';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.endTrials());
afterAll(() => lab.stop());

const PARTITIONED = `CREATE TABLE t (id int PRIMARY KEY) PARTITION BY RANGE (id);
  CREATE TABLE t_low PARTITION OF t FOR VALUES FROM (0) TO (1000)`;
const ATTACHED = `SET ROLE app_owner; CREATE TABLE shop.high (id int PRIMARY KEY); INSERT INTO shop.high SELECT generate_series(1000, 1010); RESET ROLE;
  ALTER TABLE shop.t ATTACH PARTITION shop.high FOR VALUES FROM (1000) TO (2000)`;
const SEED = 'INSERT INTO t SELECT generate_series(1, 100)';

test('a partition that others attached to a target that was empty keeps its rows', async () => {
  const trial = await lab.trial({ tables: PARTITIONED, seed: SEED });
  await trial.begin();
  await trial.walk('backfill');
  await trial.target.sql(ATTACHED);
  await trial.abort();
  expect(await trial.target.count('high')).toBe(11);
});

test('a partition that others attached to a created table keeps its rows, and the table stays', async () => {
  const trial = await lab.trial({
    ...{ tables: PARTITIONED, target: '', seed: SEED },
    files: {
      'made.sql': `SET LOCAL ROLE app_owner; SET LOCAL search_path = shop; ${PARTITIONED}; RESET ROLE; RESET search_path`,
    },
  });
  await trial.begin();
  await trial.walk('backfill');
  await trial.target.sql(ATTACHED);
  await trial.abort();
  expect(await trial.target.count('high')).toBe(11);
});

test('a created table takes no rows of others before its side is dark', async () => {
  const trial = await lab.trial({
    ...{ tables: 'CREATE TABLE t (id int PRIMARY KEY)', target: '', seed: SEED },
    files: {
      'made.sql':
        'SET LOCAL ROLE app_owner; CREATE TABLE shop.t (id int PRIMARY KEY); GRANT INSERT ON shop.t TO app; RESET ROLE',
    },
  });
  await trial.begin();
  const interrupted = trial.world((call) => {
    if (call.sql.includes('to_char(sluice.set_guard')) throw new Error('interrupted');
    return call.run();
  });
  await expect(trial.walk('prepare', interrupted)).rejects.toThrow('interrupted');
  const application = await trial.target.session('app');
  await expect(application.query('INSERT INTO shop.t VALUES (4711)')).rejects.toThrow('are refused');
  await trial.abort();
});

test('a guard that an ended generation left does not block the abort of the next one', async () => {
  const trial = await lab.trial({ tables: 'CREATE TABLE t (id int PRIMARY KEY)', seed: SEED });
  await trial.begin();
  await trial.walk('prepare');
  await trial.abort();
  await trial.begin('second');
  await trial.walk('prepare');
  await trial.source.sql('UPDATE sluice.guard SET generation = 1');
  await trial.target.sql('UPDATE sluice.guard SET generation = 1');
  await trial.abort();
  await trial.begin('third');
  await trial.walk('open');
  expect(await trial.target.count('t')).toBe(100);
});

test('a claim of an execution that started before the latest run is refused', async () => {
  const trial = await lab.trial({ tables: 'CREATE TABLE t (id int PRIMARY KEY)', seed: SEED });
  await trial.begin('first');
  await trial.begin('second');
  await expect(
    trial.begin('late', undefined, { startedAt: '2020-01-01T00:00:00.000Z' }),
  ).rejects.toBeInstanceOf(WrongState);
  expect((await trial.control.recordOrFail(trial.name)).execution).toBe('second');
});
