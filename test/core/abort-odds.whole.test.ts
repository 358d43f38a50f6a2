/** Aborts that are interrupted, repeated or delayed, and rows and grants that Sluice must not remove. */
import { TransientFailure } from '../../src/core/errors';
import { undo } from '../support/undo';
import { startLab, type Lab, type Trial } from '../support/world';
import { assertAborted, MADE, stateOf, THERE } from './abort-setup';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

describe('a stage interrupted at any statement', () => {
  /** Lets so many statements of the owner's login through. */
  const killedAfter = (trial: Trial, statements: number) => {
    let seen = 0;
    return trial.world(async (call) => {
      if (call.login === 'owner' && call.side === 'target' && ++seen > statements) throw new Error('killed');
      return call.run();
    });
  };

  test.each([1, 2, 3])(
    'of prepare (%i of the target done) is aborted without a trace',
    async (statements) => {
      const trial = await lab.trial(MADE);
      const before = await stateOf(trial);
      await trial.begin();
      const world = killedAfter(trial, statements);
      await expect(trial.stage('prepare', world)).rejects.toThrow('killed');
      await trial.abort();
      expect(await stateOf(trial)).toEqual(before);
      await assertAborted(trial, 'a test says so');
    },
  );

  test.each([1, 2, 3])('of prepare (%i of the target done) is gone on with', async (statements) => {
    const trial = await lab.trial(MADE);
    await trial.begin();
    await expect(trial.stage('prepare', killedAfter(trial, statements))).rejects.toThrow('killed');
    await trial.begin('execution-2');
    await trial.walk('verify');
    expect((await trial.contents()).target).toEqual((await trial.contents()).source);
    await trial.abort();
    expect(await trial.target.traces()).toEqual([]);
  });
});

describe('an interrupted abort', () => {
  test('at any statement is repeated to the same end', async () => {
    const trial = await lab.trial(MADE);
    const before = await stateOf(trial);
    await trial.begin();
    await trial.walk('seal');
    let statements = 0;
    for (let allowed = 0, done = false; !done; allowed += 1) {
      statements = 0;
      const world = trial.world(async (call) => {
        // Half of the time the statement ran, and only its response is lost.
        if (++statements > allowed) {
          if (allowed % 2 === 0) await call.run();
          throw new Error('killed');
        }
        return call.run();
      });
      done = await trial.abort('again and again', world).then(
        () => true,
        () => false,
      );
      expect(allowed).toBeLessThan(40);
    }
    expect(await stateOf(trial)).toEqual(before);
    await assertAborted(trial, 'again and again');
  });

  test('is held up by no writer of a source that was not fenced yet', async () => {
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

  test('by a reader of the target waits for another try', async () => {
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

test('an abort of what was aborted changes nothing', async () => {
  const trial = await lab.trial(THERE);
  await trial.begin();
  await trial.walk('plan');
  await trial.abort('first');
  const events = await trial.events();
  await trial.abort('second');
  expect(await trial.events()).toEqual(events);
  await assertAborted(trial, 'first');
});

test('an abort of a migration that was never started is refused', async () => {
  const trial = await lab.trial(THERE);
  await expect(trial.abort()).rejects.toThrow(/was never started; there is nothing to abort/);
});

describe('rows that Sluice did not write', () => {
  test('stay where they were: a target that is not empty is refused before anything is done', async () => {
    const trial = await lab.trial(THERE);
    await trial.target.sql(`INSERT INTO parent (v) VALUES ('mine')`);
    await trial.begin();
    await expect(trial.walk('preflight')).rejects.toMatchObject({ name: 'PreflightFailed' });
    await trial.abort();
    expect(await trial.target.count('parent')).toBe(1);
  });

  test('stay where they were: one that is filled between preflight and the dark is refused', async () => {
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

  test('stay with what refers to them: what is kept keeps its parents', async () => {
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
  test('whose tables are all there are not run', async () => {
    const trial = await lab.trial({ ...THERE, files: { 'made.sql': 'CREATE TABLE shop.parent (id int)' } });
    await trial.begin();
    await trial.walk('verify');
    expect((await trial.contents()).target).toEqual((await trial.contents()).source);
  });

  test('that use a schema that was there leave its grants as they were', async () => {
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
