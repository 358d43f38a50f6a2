/** Aborts that are interrupted, repeated or delayed, and rows and grants that Sluice must not remove. */
import { TransientFailure } from '../../src/core/errors';
import { undo } from '../support/undo';
import { startLab, type Lab } from '../support/world';
import { assertAborted, THERE } from './abort-setup';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

describe('an interrupted abort', () => {
  test('does not wait for writers of a source that is not fenced yet', async () => {
    const trial = await lab.trial(THERE);
    await trial.begin();
    await trial.walk('prepare');
    const writer = await trial.source.session('app');
    await writer.query('BEGIN; UPDATE parent SET v = v');
    const startedMs = Date.now();
    await trial.abort();
    expect(Date.now() - startedMs).toBeLessThan(5_000);
    await writer.query('COMMIT');
    await assertAborted(trial, 'a test says so');
  });

  test('by a reader of the target is retried later', async () => {
    const trial = await lab.trial(THERE);
    await trial.begin();
    await trial.walk('backfill');
    const reader = await trial.target.session('app');
    await reader.query('BEGIN; SELECT count(*) FROM parent');
    await expect(trial.abort()).rejects.toBeInstanceOf(TransientFailure);
    expect(await trial.target.count('parent')).toBe(150);
    // The source has been given back before anything else.
    await trial.source.sql('UPDATE parent SET v = v', 'app');
    await reader.query('COMMIT');
    await undo(trial.world());
    expect(await trial.target.count('parent')).toBe(0);
    await assertAborted(trial, 'a test says so');
  });
});

test('aborting an aborted migration changes nothing', async () => {
  const trial = await lab.trial(THERE);
  await trial.begin();
  await trial.walk('plan');
  await trial.abort('first');
  const events = await trial.events();
  await trial.abort('second');
  expect(await trial.events()).toEqual([...events, 'abort ignored']);
  expect(await trial.control.recordOrFail(trial.name)).toMatchObject({ status: 'aborted', reason: 'first' });
});

test('an abort of a migration that was never started is refused', async () => {
  const trial = await lab.trial(THERE);
  await expect(trial.abort()).rejects.toThrow(/was never started; there is nothing to abort/);
});

describe('rows that Sluice did not write', () => {
  test('stay: a target that is not empty is refused before anything changes', async () => {
    const trial = await lab.trial(THERE);
    await trial.target.sql(`INSERT INTO parent (v) VALUES ('mine')`);
    await trial.begin();
    await expect(trial.walk('preflight')).rejects.toMatchObject({ name: 'PreflightFailed' });
    await trial.abort();
    expect(await trial.target.count('parent')).toBe(1);
  });

  test('stay: a target that is filled between preflight and darkening is refused', async () => {
    const trial = await lab.trial(THERE);
    await trial.begin();
    await trial.walk('preflight');
    await trial.target.sql(`INSERT INTO parent (v) VALUES ('mine')`);
    const refused = await trial.stage('prepare').catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: 'PreflightFailed' });
    expect(String(refused)).toMatch(/rows were written to the table after preflight/);
    await expect(trial.stage('prepare')).rejects.toMatchObject({ name: 'PreflightFailed' });
    await trial.abort();
    expect(await trial.target.sql('SELECT v FROM parent')).toEqual([{ v: 'MINE' }]);
  });

  test('stay, with the parent rows that they reference', async () => {
    const trial = await lab.trial({
      tables:
        'CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (id int PRIMARY KEY, parent_id int REFERENCES parent)',
      seed: 'INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1, 1)',
      map: [
        { source: 'shop.child', target: 'shop.child', existingRows: 'replace' },
        { source: 'shop.parent', target: 'shop.parent' },
      ],
    });
    await trial.target.sql('INSERT INTO child VALUES (5, NULL)');
    await trial.begin();
    await trial.walk('verify');
    await trial.abort();
    expect(await trial.target.rows('child')).toEqual(['(1,1)']);
    expect(await trial.target.rows('parent')).toEqual(['(1)']);
    expect(await trial.target.traces()).toEqual([]);
  });
});

describe('schema files', () => {
  test('are not run if all their tables exist', async () => {
    const trial = await lab.trial({ ...THERE, files: { 'made.sql': 'CREATE TABLE shop.parent (id int)' } });
    await trial.begin();
    await trial.walk('verify');
    expect((await trial.contents()).target).toEqual((await trial.contents()).source);
  });

  test('leave the grants of an existing schema unchanged', async () => {
    const trial = await lab.trial({
      tables: 'CREATE TABLE t (id int PRIMARY KEY)',
      target: 'CREATE TABLE bystander (id int PRIMARY KEY)',
      map: [{ source: 'shop.t', target: 'older.t' }],
      files: { 'made.sql': 'CREATE TABLE older.t (id int PRIMARY KEY)' },
    });
    await trial.target.sql('CREATE SCHEMA older AUTHORIZATION app_owner; GRANT USAGE ON SCHEMA older TO app');
    const before = await trial.target.schema();
    await trial.begin();
    await trial.walk('verify');
    await trial.abort();
    expect(await trial.target.schema()).toEqual(before);
  });
});
