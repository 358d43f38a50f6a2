/** Every chunk is compared by count and checksum; what differs is copied again once, and named if it still differs. */
import { InconsistentLedger, FencedOut, VerificationFailed } from '../../src/core/errors';
import { judge } from '../../src/core/stages/judge';
import { nextWave } from '../../src/core/backfill/next-wave';
import { verifyItem } from '../../src/core/verification/verify-item';
import { overriding, startLab, withEnd, type Lab, type Trial } from '../support/world';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const TABLES = 'CREATE TABLE t (id int PRIMARY KEY, v text, at timestamptz)';
const SEED = `INSERT INTO t SELECT n, CASE WHEN n % 3 = 0 THEN NULL WHEN n % 3 = 1 THEN '' ELSE 'v' || n END, now() FROM generate_series(1, 300) AS n; ANALYZE t`;

async function copied(): Promise<Trial> {
  const trial = await lab.trial({ tables: TABLES, seed: SEED });
  await trial.begin();
  await trial.walk('backfill');
  return trial;
}

/** Writes with the one login that the guard lets through. */
const corrupt = (trial: Trial, sql: string) => trial.target.sql(sql, 'sluice_worker');

const compare = async (trial: Trial) => {
  const wave = await nextWave(trial.context(), { purpose: 'verify' });
  return Promise.all(wave.items.map((item) => verifyItem(trial.world(), item)));
};

const CORRUPTIONS: readonly (readonly [what: string, sql: string])[] = [
  ['a changed value', `UPDATE t SET v = 'changed' WHERE id = 150`],
  ['a deleted row', 'DELETE FROM t WHERE id = 1'],
  ['an extra row', `INSERT INTO t VALUES (301, 'extra', now())`],
  ['an extra row before the first', `INSERT INTO t VALUES (-5, 'extra', now())`],
  ['NULL where there was an empty text', `UPDATE t SET v = NULL WHERE id = 148`],
  ['an empty text where there was NULL', `UPDATE t SET v = '' WHERE id = 150`],
  ['a microsecond', `UPDATE t SET at = at + interval '1 microsecond' WHERE id = 150`],
  [
    'two values that changed places',
    `UPDATE t SET v = CASE id WHEN 149 THEN 'v152' ELSE 'v149' END WHERE id IN (149, 152)`,
  ],
  ['a key that moved', 'UPDATE t SET id = 1000 WHERE id = 300'],
];

test('copied rows are equal', async () => {
  const trial = await copied();
  expect((await compare(trial)).every(({ equal }) => equal)).toBe(true);
  expect(await judge(trial.context())).toBe('clean');
  const chunks = await trial.chunks();
  expect(chunks).toHaveLength(3);
  expect(chunks.reduce((sum, chunk) => sum + chunk.source!.rows, 0)).toBe(300);
  for (const chunk of chunks) {
    expect(chunk).toMatchObject({ comparison: 'equal', orphans: 0 });
    expect(chunk.target).toEqual(chunk.source);
  }
});

describe('is found and repaired by another copy:', () => {
  let trial: Trial;
  let executions = 0;
  beforeAll(async () => {
    trial = await copied();
  });
  beforeEach(async () => {
    executions += 1;
    await trial.begin(`again-${executions}`);
    for (const { chunk } of await trial.chunks()) await trial.control.chunks.compareAgain(trial.item(chunk));
  });

  test.each(CORRUPTIONS)('%s', async (_what, sql) => {
    await corrupt(trial, sql);
    expect((await compare(trial)).filter(({ equal }) => !equal)).toHaveLength(1);
    expect(await judge(trial.context())).toBe('recopy');
    expect((await trial.chunks()).map(({ state }) => state).sort()).toEqual(['closed', 'closed', 'planned']);
    await trial.copyAll();
    expect(await compare(trial)).toEqual([{ equal: true }]);
    expect(await trial.target.content('t')).toBe(await trial.source.content('t'));
  });
});

test('a chunk that differs after its second copy is reported', async () => {
  const trial = await copied();
  const spoil = () => corrupt(trial, 'DELETE FROM t WHERE id = 150');
  await spoil();
  await compare(trial);
  expect(await judge(trial.context())).toBe('recopy');
  await trial.copyAll();
  await spoil();
  await compare(trial);
  await expect(judge(trial.context())).rejects.toBeInstanceOf(VerificationFailed);
  await expect(judge(trial.context())).rejects.toThrow(
    /still unequal after a second copy: shop\.t#1 \(source 100 rows, target 99/,
  );

  await trial.begin('execution-2');
  await trial.walk('verify');
  expect(await trial.target.content('t')).toBe(await trial.source.content('t'));
});

test('the verdict needs every comparison', async () => {
  const trial = await copied();
  const wave = await nextWave(trial.context(), { purpose: 'verify' });
  for (const item of wave.items.slice(1)) await verifyItem(trial.world(), item);
  expect(await judge(trial.context())).toBe('recopy');
  expect((await nextWave(trial.context(), { purpose: 'verify' })).items).toEqual(wave.items.slice(0, 1));
});

test('a chunk that is missing from the ledger fails the verdict', async () => {
  const trial = await copied();
  await compare(trial);
  const world = trial.world();
  const chunks = overriding(world.control.chunks, {
    list: async (...of) => (await world.control.chunks.list(...of)).slice(1),
  });
  const control = overriding(world.control, { chunks });
  await expect(judge(trial.context({ ...world, control }))).rejects.toBeInstanceOf(InconsistentLedger);
  await expect(judge(trial.context({ ...world, control }))).rejects.toThrow(
    /table shop\.t has 2 chunks in the ledger, but 3 in its plan/,
  );
});

test('an open chunk is not compared', async () => {
  const trial = await lab.trial({ tables: TABLES, seed: SEED });
  await trial.begin();
  await trial.walk('plan');
  await expect(verifyItem(trial.world(), trial.item(0))).rejects.toBeInstanceOf(FencedOut);
});

test('a comparison of an earlier copy does not count', async () => {
  const trial = await copied();
  const world = trial.world();
  const overtaken = withEnd(world, 'target', ({ verifier }) => ({
    verifier: {
      digestTo: async (...of) => {
        const digest = await verifier.digestTo(...of);
        await trial.control.chunks.reopen(trial.item(0), { reopened: 1, recopied: true });
        return digest;
      },
    },
  }));
  await expect(verifyItem(overtaken, trial.item(0))).rejects.toBeInstanceOf(FencedOut);
  expect((await trial.chunks())[0]).toMatchObject({ state: 'planned', comparison: 'unknown' });
});

describe('a foreign key of the target', () => {
  const tables = (reference: string) => `
    CREATE TABLE parent (id int PRIMARY KEY, v text);
    CREATE TABLE child (id int PRIMARY KEY, parent_id int ${reference}, other_id int)`;
  const target = tables('REFERENCES parent (id)');
  const seed = `INSERT INTO parent SELECT n, 'p' FROM generate_series(1, 150) AS n;
    INSERT INTO child SELECT n, n, NULL FROM generate_series(1, 150) AS n; INSERT INTO child VALUES (200, NULL, 5)`;
  const related = async (more = '') => {
    const trial = await lab.trial({
      tables: tables(''),
      target,
      seed: seed + more,
      map: ['child', 'parent'],
    });
    await trial.begin();
    return trial;
  };

  test('holds if every child has its parent, in any order of copying', async () => {
    const trial = await related();
    await trial.walk('open');
    expect(await trial.target.count('child')).toBe(151);
  });

  test('is checked, and rows without a parent are counted and refused', async () => {
    const trial = await related('; INSERT INTO child VALUES (300, 9999, NULL), (301, 9998, NULL)');
    const refused = await trial.walk('verify').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(VerificationFailed);
    expect(String(refused)).toMatch(
      /rows without the parent that a foreign key of the target requires: shop\.child#1 .*without parent 2/,
    );
  });

  test('is checked again after the parent is copied again', async () => {
    const trial = await related('; INSERT INTO child VALUES (300, 9999, NULL)');
    await trial.walk('backfill');
    // Hides that the source has no such parent, until its chunk is made equal.
    await corrupt(trial, `INSERT INTO parent VALUES (9999, 'planted')`);
    await expect(trial.walk('verify')).rejects.toThrow(/without parent 1/);
  });

  test('accepts a child whose parent arrived with the second copy', async () => {
    const trial = await related();
    await trial.walk('backfill');
    await corrupt(trial, 'DELETE FROM parent WHERE id = 7');
    await trial.walk('open');
    expect(await trial.target.content('parent')).toBe(await trial.source.content('parent'));
  });

  test('is compared by its own operators', async () => {
    const cities = (reference: string) => `
      CREATE TABLE country (id int PRIMARY KEY, code citext UNIQUE);
      CREATE TABLE city (id int PRIMARY KEY, country citext ${reference})`;
    const trial = await lab.trial({
      tables: `RESET ROLE; CREATE EXTENSION citext SCHEMA public; SET ROLE app_owner; SET search_path = shop, public; ${cities('')}`,
      target: `RESET ROLE; CREATE EXTENSION citext SCHEMA public; SET ROLE app_owner; SET search_path = shop, public; ${cities('REFERENCES country (code)')}`,
      seed: `INSERT INTO country VALUES (1, 'NL'), (2, 'de'); INSERT INTO city VALUES (1, 'nl'), (2, 'DE'), (3, 'fr')`,
      map: ['city', 'country'],
    });
    await trial.begin();
    await expect(trial.walk('verify')).rejects.toThrow(/shop\.city#0 .*without parent 1/);
  });

  test('of one partition is checked in its rows', async () => {
    const parts = (more: string) => `
      CREATE TABLE parent (id int PRIMARY KEY);
      CREATE TABLE child (id int PRIMARY KEY, p int) PARTITION BY RANGE (id);
      CREATE TABLE child_1 PARTITION OF child FOR VALUES FROM (0) TO (10);
      CREATE TABLE child_2 PARTITION OF child FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (id);
      CREATE TABLE child_2_1 PARTITION OF child_2 DEFAULT; ${more}`;
    const trial = await lab.trial({
      tables: parts(''),
      target: parts('ALTER TABLE child_2 ADD FOREIGN KEY (p) REFERENCES parent'),
      seed: 'INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1, 7), (2, 1), (11, 8), (12, 1)',
      map: ['child', 'parent'],
    });
    await trial.begin();
    await expect(trial.walk('verify')).rejects.toThrow(/shop\.child#0 .*without parent 1/);
  });

  test('is not required of existing rows if it is NOT VALID at both ends', async () => {
    const trial = await lab.trial({
      tables: `CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (id int PRIMARY KEY, p int)`,
      seed: `INSERT INTO child VALUES (1, 7); ALTER TABLE child ADD FOREIGN KEY (p) REFERENCES parent NOT VALID`,
      map: ['child', 'parent'],
    });
    await trial.target.sql('ALTER TABLE child ADD FOREIGN KEY (p) REFERENCES parent NOT VALID', 'app_owner');
    await trial.begin();
    await trial.walk('open');
    expect(await trial.target.rows('child')).toEqual(['(1,7)']);
  });

  test('of several columns is checked where none of them is NULL', async () => {
    const composite = (reference: string) => `
      CREATE TABLE parent (a int, b text, PRIMARY KEY (a, b));
      CREATE TABLE child (id int PRIMARY KEY, b text, a int ${reference})`;
    const trial = await lab.trial({
      tables: composite(''),
      target: composite(', FOREIGN KEY (a, b) REFERENCES parent (a, b)'),
      seed: `INSERT INTO parent VALUES (1, 'x'); INSERT INTO child VALUES (1, 'x', 1), (2, NULL, 1), (3, 'y', NULL), (4, 'y', 1)`,
      map: ['parent', 'child'],
    });
    await trial.begin();
    await expect(trial.walk('verify')).rejects.toThrow(/shop\.child#0 .*without parent 1/);
  });
});
