/** Tables that are too wide, too large or locked are found without changing them and without reading every row. */
import type { FactsRequest } from '../../../src/adapters/postgres/facts';
import { Side } from '../../support/side';
import { altered, brief, Stage } from './stage';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage.stop());

const columns = (count: number) =>
  Array.from({ length: count }, (_, index) => `${'wide_'.repeat(11)}${index} text`).join(', ');

test('a table whose statements exceed a request is refused; one that just fits is accepted', async () => {
  const wide = (count: number) => ({ source: `CREATE TABLE t (id int PRIMARY KEY, ${columns(count)})` });
  expect(brief(await stage.problems(wide(200)))).toEqual([]);
  const problems = await stage.problems(wide(300));
  expect(brief(problems)).toEqual([
    expect.stringMatching(
      /^row-width: source table t: the table has 301 columns: the statement that .+ has \d{5} characters, but the Data API accepts 65536$/,
    ),
  ]);
  const omit = Array.from({ length: 100 }, (_, index) => `${'wide_'.repeat(11)}${index}`);
  expect(brief(await stage.gather({ mapping: { omit } }).then(stage.check))).toEqual([]);
});

test('the size of the largest row is the sum of its mapped columns', async () => {
  const MIB = 1_048_576;
  const T = 'CREATE TABLE t (id int PRIMARY KEY, a bytea, b text, "C" text[])';
  const target = T;
  const filled = (a: number, b: number) => ({
    source: `${T}; ALTER TABLE t ALTER a SET STORAGE EXTERNAL;
      INSERT INTO t SELECT n, 'small', 'small' FROM generate_series(2, 50) AS n;
      INSERT INTO t VALUES (1, convert_to(repeat('x', ${a}), 'UTF8'), repeat('y', ${b}))`,
    target,
  });
  const refused = (size: number) => [
    `row-size: source table t: a row has ${size} MiB of text (bytea counts double), but at most 100 MiB of one row can be moved`,
  ];
  expect(brief(await stage.problems(filled(30 * MIB, 39 * MIB)))).toEqual([]);
  expect(brief(await stage.problems(filled(30 * MIB, 41 * MIB)))).toEqual(refused(102));
  expect(brief(await stage.gather({ mapping: { omit: ['b'] } }).then(stage.check))).toEqual([]);
  expect(brief(await stage.gather({ mapping: { where: 'id > 1' } }).then(stage.check))).toEqual([]);
});

test('chunks that no statement could compare before its timeout are refused, with a size that fits', async () => {
  const sized =
    (toastBytes: number, rows: number): FactsRequest['connect'] =>
    (side, login) =>
      altered(stage.connect(side, login), (sql) =>
        sql
          .replace("'toastBytes', leaf.toast_bytes", `'toastBytes', ${toastBytes}`)
          .replace("'rowsEstimated', leaf.rows_estimated", `'rowsEstimated', ${rows}`),
      );
  const GB = 1_000_000_000;
  await stage.facts({ source: 'CREATE TABLE t (id int PRIMARY KEY, note text)' });
  const found = async (toastBytes: number, rows: number, chunk = 50_000) =>
    stage.check(
      await stage.gather({ connect: sized(toastBytes, rows), mapping: { chunking: { rows: chunk } } }),
    );
  const [problem, ...others] = await found(1_000 * GB, 10_000_000);
  expect(others).toEqual([]);
  expect(problem).toEqual({
    check: 'chunk-size',
    subject: `source table ${stage.schema}.t`,
    found:
      'a chunk of 50000 rows has about 4.7 GiB, but one comparison can read only 2 GiB before its timeout',
    remedy: "Set chunking.rows to 20000. If the table's statistics are old, ANALYZE it first",
  });
  expect(await found(1_000 * GB, 10_000_000, 20_000)).toEqual([]);
  // Never analysed; smaller than one chunk; space that deleted rows left.
  expect(await found(1_000 * GB, -1)).toEqual([]);
  expect(await found(1 * GB, 10_000)).toEqual([]);
  expect(await found(1_000 * GB, 10)).toEqual([]);
});

test('a scan that takes too long, or that the worker may not run, reports nothing', async () => {
  const source = `CREATE TABLE t (id int PRIMARY KEY, b text);
    ALTER TABLE t ALTER b SET STORAGE EXTERNAL; INSERT INTO t VALUES (1, repeat('y', 110000000))`;
  const target = 'CREATE TABLE t (id int PRIMARY KEY, b text)';
  const impatient: FactsRequest['connect'] = (side, login) =>
    altered(stage.connect(side, login), (sql) =>
      sql.includes('TABLESAMPLE')
        ? `${sql} AND pg_sleep(60) IS NULL`
        : sql.replace(/(?<=_timeout = )\d+$/, '50'),
    );
  expect((await stage.facts({ source, target })).rowSizes.size).toBe(1);
  const facts = await stage.gather({ connect: impatient });
  expect(facts.rowSizes.size).toBe(0);
  expect(brief(stage.check(facts))).toEqual([]);
  const locked = await stage.facts({
    source,
    target,
    sourceAfter: 'REVOKE ALL ON {case}.t FROM sluice_worker',
  });
  expect(locked.rowSizes.size).toBe(0);
  expect(brief(stage.check(locked))).toEqual(['grants: source table t: worker sluice_worker lacks SELECT']);
});

/** Reports every transaction as too old, so that no test waits for five minutes. */
const withoutAgeLimit: FactsRequest['connect'] = (side, login) =>
  altered(stage.connect(side, login), (sql) => sql.replaceAll(':ageSeconds', '-1'));

test('sessions that hold a lock that the fence needs are reported, on both sides and on partitions', async () => {
  const sides = { source: new Side(stage.urls.source), target: new Side(stage.urls.target) };
  await stage.facts({
    source: 'CREATE TABLE t (id int PRIMARY KEY)',
    target: `CREATE TABLE t (id int PRIMARY KEY) PARTITION BY LIST (id); CREATE TABLE t1 PARTITION OF t DEFAULT`,
  });
  const [writer, reader, indexer] = [
    await sides.source.session('superuser'),
    await sides.source.session('superuser'),
    await sides.target.session('superuser'),
  ];
  await writer.query(`SET ROLE app_owner; BEGIN; INSERT INTO ${stage.schema}.t VALUES (1)`);
  await reader.query(`BEGIN; SELECT FROM ${stage.schema}.t FOR UPDATE`);
  await indexer.query(`BEGIN; CREATE INDEX ON ${stage.schema}.t1 (id)`);
  const patient = stage.check(await stage.gather({}));
  const problems = stage.check(await stage.gather({ connect: withoutAgeLimit }));
  const unseeing = (await stage.gather({ connect: withoutAgeLimit })).source.logins.worker.lockHolders;
  await Promise.all(Object.values(sides).map((side) => side.close()));
  expect(patient).toEqual([]);
  expect(brief(problems).map((text) => text.replace(/ \d+ of/, ' … of'))).toEqual([
    'long-transactions: source table t: session … of postgres (idle in transaction) holds a RowExclusiveLock in a transaction of 0 minutes',
    'long-transactions: target table t: session … of postgres (idle in transaction) holds a ShareLock in a transaction of 0 minutes',
  ]);
  expect(problems[0]?.remedy).toMatch(/^Wait for it to end, or SELECT pg_terminate_backend\(\d+\)$/);
  expect([...unseeing.values()].flat()).toEqual([]);
});
