/** existingRows 'replace': whatever the target held, it ends equal to the source. */
import { RowsRefused } from '../../src/core/errors';
import type { Setup } from '../support/trial-definition';
import { startLab, type Lab } from '../support/world';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const replacing = (setup: Omit<Setup, 'map'>): Setup => ({
  ...setup,
  map: [{ source: 'shop.t', target: 'shop.t', chunking: { rows: 100 }, existingRows: 'replace' }],
});

test('earlier rows are deleted or replaced in every range', async () => {
  const trial = await lab.trial(
    replacing({
      tables: 'CREATE TABLE t (id int PRIMARY KEY, v text)',
      seed: `INSERT INTO t SELECT n, 'new ' || n FROM generate_series(1, 500) AS n; ANALYZE t`,
    }),
  );
  await trial.target.sql(`INSERT INTO t SELECT n, 'old' FROM generate_series(-50, 700, 3) AS n`);
  await trial.begin();
  await trial.walk('verify');
  expect((await trial.chunks()).length).toBeGreaterThan(1);
  expect(await trial.target.content('t')).toBe(await trial.source.content('t'));
  expect((await trial.chunks()).every(({ reopened }) => reopened === 0)).toBe(true);
});

test('an empty source empties the target', async () => {
  const trial = await lab.trial(replacing({ tables: 'CREATE TABLE t (id int PRIMARY KEY)' }));
  await trial.target.sql('INSERT INTO t SELECT generate_series(1, 10)');
  await trial.begin();
  await trial.walk('open');
  expect(await trial.target.count('t')).toBe(0);
});

test('a restarted copier does not delete the rows that it has written', async () => {
  const trial = await lab.trial(
    replacing({
      tables: 'CREATE TABLE t (id int PRIMARY KEY, v text)',
      seed: `INSERT INTO t SELECT n, repeat(md5(n::text), 28) FROM generate_series(1, 90) AS n`,
    }),
  );
  await trial.target.sql(`INSERT INTO t SELECT n, 'old' FROM generate_series(50, 200) AS n`);
  await trial.begin();
  await trial.walk('plan');
  const dying = trial.world(async (call) => {
    const rows = await call.run();
    if (/sluice\.close_lease/.test(call.sql)) throw new Error('killed');
    return rows;
  });
  await expect(trial.copy(0, dying)).rejects.toThrow('killed');
  expect(await trial.target.content('t')).toBe(await trial.source.content('t'));
  expect(await trial.copy(0)).toMatchObject({ done: true, progress: { rows: 0 } });
  await trial.walk('verify');
  expect(await trial.target.content('t')).toBe(await trial.source.content('t'));
});

test('values of a second unique key in old rows fail the first run, but not the resumed one', async () => {
  const trial = await lab.trial(
    replacing({
      tables: 'CREATE TABLE t (id int PRIMARY KEY, email text UNIQUE)',
      seed: `INSERT INTO t SELECT n, 'user ' || n FROM generate_series(1, 300) AS n; ANALYZE t`,
    }),
  );
  await trial.target.sql(`INSERT INTO t SELECT 301 - n, 'user ' || n FROM generate_series(1, 20) AS n`);
  await trial.begin();
  await expect(trial.walk('verify')).rejects.toBeInstanceOf(RowsRefused);
  await trial.begin('execution-2');
  await trial.walk('verify');
  expect(await trial.target.content('t')).toBe(await trial.source.content('t'));
});

test('an abort keeps copied rows and reports that', async () => {
  const trial = await lab.trial(
    replacing({
      tables: 'CREATE TABLE t (id int PRIMARY KEY)',
      seed: 'INSERT INTO t SELECT generate_series(1, 10)',
    }),
  );
  await trial.target.sql('INSERT INTO t VALUES (99)');
  await trial.begin();
  await trial.walk('backfill');
  await trial.abort();
  expect(await trial.target.content('t')).toBe(await trial.source.content('t'));
  expect((await trial.control.journal.last(trial.name, 1))[0]).toMatchObject({
    event: 'aborted',
    evidence: { keptAsCopied: ['shop.t'] },
  });
});
