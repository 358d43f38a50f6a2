/** Rows that the target refuses are narrowed down, left out and named by a salted hash; everything else is copied. */
import { createHash } from 'node:crypto';
import { RowsRefused } from '../../src/core/errors';
import { judge } from '../../src/core/stages/judge';
import { nextWave } from '../../src/core/backfill/next-wave';
import { recordFailure } from '../../src/core/execution/record-failure';
import type { Setup } from '../support/trial-definition';
import { startLab, type Lab, type Trial } from '../support/world';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const SOURCE = 'CREATE TABLE t (id int PRIMARY KEY, v text, n int)';
const WHOLE = [{ source: 'shop.t', target: 'shop.t' }];

/** Copied, with the rules of preflight left out: some of these targets it would have refused. */
async function copied(setup: Setup): Promise<Trial> {
  const trial = await lab.trial({ map: WHOLE, ...setup });
  await trial.begin();
  for (const stage of ['prepare', 'fence', 'plan', 'backfill'] as const) await trial.stage(stage);
  return trial;
}

const hashed = async (trial: Trial, key: string) =>
  createHash('sha256')
    .update((await trial.control.recordOrFail(trial.name)).salt)
    .update(key)
    .digest('hex');

const rowsExcept = (trial: Trial, ids: readonly number[]) =>
  trial.source
    .sql<{ line: string }>(`SELECT t::text AS line FROM t WHERE id <> ALL ('{${ids.join(',')}}') ORDER BY 1`)
    .then((rows) => rows.map(({ line }) => line));

const THOUSAND = `INSERT INTO t SELECT n, 'value ' || n, n FROM generate_series(1, 1000) AS n;`;

test.each<[string, string, string, readonly number[], { sqlState: string; constraint: string | null }]>([
  [
    'a check',
    `CREATE TABLE t (id int PRIMARY KEY, v text CONSTRAINT no_secret CHECK (v NOT LIKE 'secret%'), n int)`,
    `UPDATE t SET v = 'secret-of-' || id WHERE id IN (1, 7, 500, 501, 1000)`,
    [1, 7, 500, 501, 1000],
    { sqlState: '23514', constraint: 'no_secret' },
  ],
  [
    'a missing value',
    'CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL, n int)',
    'UPDATE t SET v = NULL WHERE id IN (3, 999)',
    [3, 999],
    { sqlState: '23502', constraint: null },
  ],
  [
    'a value that is too long',
    'CREATE TABLE t (id int PRIMARY KEY, v varchar(20), n int)',
    `UPDATE t SET v = 'secret secret secret secret' WHERE id = 250`,
    [250],
    { sqlState: '22001', constraint: null },
  ],
  [
    'a number out of range',
    'CREATE TABLE t (id int PRIMARY KEY, v text, n smallint)',
    'UPDATE t SET n = 1234567 WHERE id IN (2, 4)',
    [2, 4],
    { sqlState: '22003', constraint: null },
  ],
  [
    'a second unique key',
    'CREATE TABLE t (id int PRIMARY KEY, v text CONSTRAINT one_v UNIQUE, n int)',
    `UPDATE t SET v = 'secret twin' WHERE id IN (100, 900)`,
    [900],
    { sqlState: '23505', constraint: 'one_v' },
  ],
])('rows refused for %s are skipped and reported', async (_why, target, spoil, ids, refusal) => {
  const trial = await copied({ tables: SOURCE, target, seed: THOUSAND + spoil });
  expect(await trial.target.rows('t')).toEqual(await rowsExcept(trial, ids));
  const wanted = await Promise.all(
    ids.map(async (id) => ({
      table: 'shop.t',
      chunk: 0,
      hashedKey: await hashed(trial, `{${id}}`),
      ...refusal,
    })),
  );
  const problems = await trial.problems();
  expect(problems).toHaveLength(ids.length);
  for (const problem of wanted) expect(problems).toContainEqual(expect.objectContaining(problem));
  expect((await trial.chunks())[0]).toMatchObject({
    state: 'closed',
    skipped: ids.length,
    rows: 1000 - ids.length,
  });
});

test('the verdict fails, and the migration can be resumed and finished once they are corrected', async () => {
  const trial = await lab.trial({
    tables: SOURCE,
    target: `CREATE TABLE t (id int PRIMARY KEY, v text CONSTRAINT no_secret CHECK (v NOT LIKE 'secret%'), n int)`,
    seed: THOUSAND + `UPDATE t SET v = 'secret' WHERE id IN (10, 20)`,
    map: WHOLE,
  });
  await trial.begin();
  const refused = await trial.walk('verify').catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(RowsRefused);
  expect(String(refused)).toMatch(
    /the target refused 2 row\(s\) in shop\.t#0 \(source 1000 rows, target 998/,
  );
  await recordFailure(trial.world(), trial.name, 'execution-1', {
    Error: 'RowsRefused',
    Cause: String(refused),
  });

  await trial.target.sql('ALTER TABLE t DROP CONSTRAINT no_secret', 'app_owner');
  await trial.begin('execution-2');
  await trial.walk('open');
  expect(await trial.target.content('t')).toBe(await trial.source.content('t'));
  expect(await trial.problems()).toEqual([]);
});

test('the verdict fails again if they are not corrected', async () => {
  const trial = await lab.trial({
    tables: SOURCE,
    target: `CREATE TABLE t (id int PRIMARY KEY, v text CONSTRAINT no_secret CHECK (v NOT LIKE 'secret%'), n int)`,
    seed: THOUSAND + `UPDATE t SET v = 'secret' WHERE id IN (10, 20)`,
    map: WHOLE,
  });
  await trial.begin();
  await expect(trial.walk('verify')).rejects.toBeInstanceOf(RowsRefused);
  await trial.begin('execution-2');
  await expect(trial.walk('verify')).rejects.toBeInstanceOf(RowsRefused);
  await expect(judge(trial.context())).rejects.toThrow(/refused 2 row\(s\)/);
  expect(await trial.problems()).toHaveLength(2);
});

describe('more than a few', () => {
  const many = (bad: number): Setup => ({
    tables: SOURCE,
    target: `CREATE TABLE t (id int PRIMARY KEY, v text CONSTRAINT no_secret CHECK (v NOT LIKE 'secret%'), n int)`,
    seed: `INSERT INTO t SELECT n, CASE WHEN n <= ${bad} THEN 'secret' ELSE 'fine' END, n FROM generate_series(1, 500) AS n`,
    map: WHOLE,
  });

  test('in one chunk stop its copy and the next wave until they are corrected', async () => {
    const trial = await lab.trial(many(101));
    await trial.begin();
    await trial.walk('plan');
    const refused = await trial.copy(0).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RowsRefused);
    expect(String(refused)).toMatch(
      /shop\.t\/0: the target refuses more than 100 rows \(last SQLSTATE 23514\)/,
    );
    await expect(nextWave(trial.context(), { purpose: 'copy' })).rejects.toBeInstanceOf(RowsRefused);
    expect((await trial.chunks())[0]).toMatchObject({ state: 'open', failure: 'RowsRefused' });

    // Once they are corrected one resume is enough, also for rows skipped before the chunk was given up.
    await trial.target.sql('ALTER TABLE t DROP CONSTRAINT no_secret', 'app_owner');
    await trial.begin('execution-2');
    await trial.walk('open');
    expect(await trial.target.content('t')).toBe(await trial.source.content('t'));
    expect(await trial.problems()).toEqual([]);
  });

  test('means more than a hundred', async () => {
    const trial = await lab.trial(many(100));
    await trial.begin();
    await trial.walk('backfill');
    expect((await trial.chunks())[0]).toMatchObject({ state: 'closed', skipped: 100 });
  });
});

test('no value of a row reaches the control table or an error of the function', async () => {
  const marks = ['secret-check', 'secret-twin', 'secret-long', '424242'];
  const trial = await lab.trial({
    tables: 'CREATE TABLE t (id text PRIMARY KEY, v text, n int)',
    target: `CREATE TABLE t (id text PRIMARY KEY, v text UNIQUE CHECK (v <> 'secret-check'), n int CHECK (n <> 424242))`,
    seed: `INSERT INTO t SELECT 'secret-key-' || n, 'fine ' || n, n FROM generate_series(1, 300) AS n;
      UPDATE t SET v = 'secret-check' WHERE id = 'secret-key-5'; UPDATE t SET n = 424242 WHERE id = 'secret-key-9';
      UPDATE t SET v = 'secret-twin' WHERE id IN ('secret-key-17', 'secret-key-23');
      INSERT INTO t SELECT 'secret-key-large', 'secret-long' || string_agg(md5(n::text), ''), 424242 FROM generate_series(1, 9000) AS n`,
  });
  await trial.begin();
  const error = (await trial.walk('verify').catch((failure: unknown) => failure)) as Error;
  await recordFailure(trial.world(), trial.name, 'execution-1', { Error: error.name, Cause: error.message });
  expect(error).toBeInstanceOf(RowsRefused);
  expect(await trial.problems()).toHaveLength(4);
  const everything = (await trial.everyItem()) + error.message;
  expect(everything).toContain('23514');
  for (const mark of [...marks, 'secret', 'fine ']) expect(everything).not.toContain(mark);
});

test('a row that cannot be read is skipped and reported too', async () => {
  const trial = await lab.trial({
    tables: 'CREATE TABLE t (id int PRIMARY KEY, v text)',
    seed: `INSERT INTO t SELECT n, repeat('x', 100) FROM generate_series(1, 60) AS n`,
    map: WHOLE,
  });
  await trial.begin();
  await trial.walk('plan');
  // A page that holds row 33 makes the server raise; a page of keys alone does not.
  await trial.source.sql(`
    ALTER TABLE t RENAME TO stored;
    CREATE VIEW t AS SELECT id, CASE WHEN id = 33 THEN (1 / (id - 33))::text ELSE v END AS v FROM stored;
    GRANT SELECT ON t TO sluice_worker, sluice_verifier`);
  await trial.copyAll();
  expect(await trial.problems()).toEqual([
    expect.objectContaining({ hashedKey: await hashed(trial, '{33}'), sqlState: '22012' }),
  ]);
  expect(await trial.target.count('t')).toBe(59);
});
