/** The plan cuts every table's key range into chunks without gap or overlap, once. */
import { scopeOf } from '../../src/core/ledger';
import { plan, samplePercent } from '../../src/core/stages/plan';
import type { Setup } from '../support/trial-definition';
import { overriding, startLab, withEnd, type Lab, type Trial } from '../support/world';
import { hanger } from './one-chunk';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

async function planned(setup: Setup): Promise<Trial> {
  const trial = await lab.trial(setup);
  await trial.source.sql('ANALYZE');
  await trial.begin();
  await trial.walk('plan');
  return trial;
}

/** Asserts that the chunks are contiguous from end to end, and returns how many rows each holds. */
async function rowsByChunk(trial: Trial): Promise<number[]> {
  const world = trial.world();
  const { layout } = (await world.describe('forward'))[0]!;
  const chunks = (await trial.chunks()).filter(({ table }) => table === trial.definition.tables[0]!.target);
  expect(chunks.map(({ chunk }) => chunk)).toEqual(chunks.map((_, index) => index));
  const ranges = await Promise.all(
    chunks.map(({ chunk }) => world.ends.target.leases.read(scopeOf(trial.of, 'target', trial.item(chunk)))),
  );
  expect(ranges[0]!.lower).toBeNull();
  expect(ranges.at(-1)!.upper).toBeNull();
  ranges.slice(1).forEach((range, index) => {
    expect(range!.lower).not.toBeNull();
    expect(range!.lower).toBe(ranges[index]!.upper);
  });
  return Promise.all(
    ranges.map(async (range) => (await world.ends.source.verifier.digestFrom(layout, range!)).rows),
  );
}

const total = (rows: readonly number[]) => rows.reduce((sum, count) => sum + count, 0);

const TABLES: readonly (readonly [
  what: string,
  tables: string,
  seed: string,
  rows: number,
  chunks: number,
])[] = [
  ['an empty table', 'CREATE TABLE t (id int PRIMARY KEY)', 'SELECT 1', 0, 1],
  ['one row', 'CREATE TABLE t (id int PRIMARY KEY)', 'INSERT INTO t VALUES (7)', 1, 1],
  [
    'just a chunk',
    'CREATE TABLE t (id int PRIMARY KEY)',
    'INSERT INTO t SELECT generate_series(1, 100)',
    100,
    1,
  ],
  [
    'one row more',
    'CREATE TABLE t (id int PRIMARY KEY)',
    'INSERT INTO t SELECT generate_series(1, 101)',
    101,
    2,
  ],
  [
    'an even key',
    'CREATE TABLE t (id int PRIMARY KEY)',
    'INSERT INTO t SELECT generate_series(-500, 499)',
    1000,
    10,
  ],
  [
    'a skewed key',
    'CREATE TABLE t (id bigint PRIMARY KEY)',
    'INSERT INTO t SELECT (n::bigint ^ 5)::bigint FROM generate_series(1, 1000) AS n',
    1000,
    10,
  ],
  [
    'a key of two columns, the first nearly constant',
    'CREATE TABLE t (a int, b text, PRIMARY KEY (a, b))',
    `INSERT INTO t SELECT 1, md5(n::text) FROM generate_series(1, 990) AS n UNION ALL SELECT 2, n::text FROM generate_series(1, 10) AS n`,
    1000,
    10,
  ],
  [
    'text with quotes, braces and commas',
    'CREATE TABLE t (id text COLLATE "und-x-icu" PRIMARY KEY)',
    `INSERT INTO t SELECT (ARRAY['"', '{', '}', ',', '\\', 'NULL', ' ', 'é', ''''])[1 + n % 9] || n FROM generate_series(1, 1000) AS n`,
    1000,
    10,
  ],
  [
    'a uuid',
    'CREATE TABLE t (id uuid PRIMARY KEY)',
    'INSERT INTO t SELECT md5(n::text)::uuid FROM generate_series(1, 1000) AS n',
    1000,
    10,
  ],
  [
    'a partitioned table',
    `CREATE TABLE t (id int, region text, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
     CREATE TABLE t_a PARTITION OF t FOR VALUES IN ('a'); CREATE TABLE t_b PARTITION OF t FOR VALUES IN ('b') PARTITION BY RANGE (id);
     CREATE TABLE t_b1 PARTITION OF t_b FOR VALUES FROM (0) TO (500); CREATE TABLE t_b2 PARTITION OF t_b FOR VALUES FROM (500) TO (9999)`,
    `INSERT INTO t SELECT n, CASE WHEN n % 4 = 0 THEN 'a' ELSE 'b' END FROM generate_series(1, 1000) AS n`,
    1000,
    10,
  ],
];

test.each(TABLES)('%s', async (_what, tables, seed, rows, chunks) => {
  const trial = await planned({ tables, seed });
  const counts = await rowsByChunk(trial);
  expect(total(counts)).toBe(rows);
  expect(counts).toHaveLength(chunks);
  expect(Math.max(...counts)).toBeLessThanOrEqual(110);
  expect((await trial.control.chunks.tables(trial.name, 1))[0]).toMatchObject({
    chunks,
    rowsEstimated: rows,
  });
  await trial.walk('verify');
  expect(await trial.target.content('t')).toBe(await trial.source.content('t'));
});

test('by a time that many rows share', async () => {
  const trial = await planned({
    tables: 'CREATE TABLE t (id int PRIMARY KEY, at timestamptz NOT NULL); CREATE INDEX ON t (at, id)',
    seed: `INSERT INTO t SELECT n, '2026-01-01'::timestamptz + (n / 400) * interval '1 day' FROM generate_series(1, 1000) AS n`,
    map: [{ source: 'shop.t', target: 'shop.t', chunking: { by: 'at', rows: 100 } }],
  });
  const counts = await rowsByChunk(trial);
  expect(total(counts)).toBe(1000);
  expect(counts).toHaveLength(10);
  expect(Math.max(...counts)).toBeLessThanOrEqual(110);
  await trial.walk('verify');
  expect(await trial.target.content('t')).toBe(await trial.source.content('t'));
});

test('a large table is sampled, and a small one is read completely', () => {
  const blocks = (count: number) => count * 8_192;
  expect(samplePercent({ heapBytes: 0, rowsPerChunk: 50_000 })).toBe(100);
  expect(samplePercent({ heapBytes: blocks(64), rowsPerChunk: 50_000 })).toBe(100);
  expect(samplePercent({ heapBytes: blocks(100_000_000), rowsPerChunk: 50_000 })).toBeLessThan(0.1);
  expect(samplePercent({ heapBytes: blocks(100_000_000), rowsPerChunk: 50_000 })).toBeGreaterThan(0);
});

describe('a plan interrupted between the leases and the ledger', () => {
  const setup = {
    tables: 'CREATE TABLE t (id int PRIMARY KEY)',
    seed: 'INSERT INTO t SELECT generate_series(1, 1000)',
  };
  const interrupted = async () => {
    const trial = await lab.trial(setup);
    await trial.begin();
    await trial.walk('fence');
    const world = trial.world();
    const chunks = overriding(world.control.chunks, {
      plan: async () => {
        throw new Error('killed');
      },
    });
    const control = overriding(world.control, { chunks });
    await expect(plan(trial.context({ ...world, control }))).rejects.toThrow('killed');
    return trial;
  };

  test('is the same when repeated, although new samples would split elsewhere', async () => {
    const trial = await interrupted();
    const before = await trial.target.sql('SELECT * FROM sluice.lease ORDER BY scope');
    const world = trial.world();
    const boundaries = async () => ({ rowsEstimated: 1_000, keys: ['{3}', '{5}'] });
    await plan(trial.context(withEnd(world, 'source', () => ({ reader: { boundaries } }))));
    expect(await trial.target.sql('SELECT * FROM sluice.lease ORDER BY scope')).toEqual(before);
    expect(await trial.chunks()).toHaveLength(before.length);
    expect(total(await rowsByChunk(trial))).toBe(1_000);
  });

  test('and run by two planners concurrently is one plan', async () => {
    const trial = await lab.trial(setup);
    await trial.begin();
    await trial.walk('fence');
    await Promise.all([plan(trial.context()), plan(trial.context()), plan(trial.context())]);
    expect(await rowsByChunk(trial)).toHaveLength(10);
  });

  test('and continued while its chunks are copied changes nothing', async () => {
    const trial = await lab.trial(setup);
    await trial.begin();
    await trial.walk('fence');
    const { hang, hangs, wake } = hanger();
    const world = trial.world();
    const chunks = overriding(world.control.chunks, {
      plan: (...of) => hang(() => world.control.chunks.plan(...of)),
    });
    const late = plan(trial.context({ ...world, control: overriding(world.control, { chunks }) }));
    await hangs;
    await trial.walk('plan');
    await trial.copy(0);
    await trial.control.chunks.claim(trial.item(1));
    const before = await trial.chunks();
    wake();
    await late;
    expect(await trial.chunks()).toEqual(before);
  });
});
