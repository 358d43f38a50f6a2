import { judge } from '../../src/rehearsal/judge';
import type { MovedTable } from '../../src/rehearsal/judge/moved-table';
import { freshDatabase, runSql, startTestPostgres, type TestPostgres } from 'local-aws/testing';

let server: TestPostgres;

beforeAll(async () => {
  server = await startTestPostgres();
});
afterAll(() => server.stop());

const moved = (fields: Partial<MovedTable> = {}): { tables: MovedTable[] } => ({
  tables: [{ source: 'public.t', target: 'public.t', columns: {}, omit: [], ...fields }],
});

/** Creates two databases by these statements, and returns the judge's counts. */
async function verdictOf(source: string, target: string, fields: Partial<MovedTable> = {}) {
  const [from, to] = [await freshDatabase(server), await freshDatabase(server)];
  await Promise.all([runSql(from, source), runSql(to, target)]);
  const [verdict] = await judge(from, to, moved(fields));
  const { sourceRows, targetRows, missing, extra, different } = verdict!;
  return [sourceRows, targetRows, missing, extra, different];
}

const table = (columns: string, ...rows: string[]): string =>
  `CREATE TABLE t (${columns}); ${rows.map((row) => `INSERT INTO t VALUES (${row});`).join(' ')}`;

test('finds no difference between equal tables', async () => {
  const both = `CREATE TABLE t (id bigint PRIMARY KEY, v text);
    INSERT INTO t SELECT n, CASE WHEN n % 3 > 0 THEN 'value ' || n END FROM generate_series(1, 20000) AS n`;
  expect(await verdictOf(both, both)).toEqual([20_000, 20_000, 0, 0, 0]);
});

test('counts missing, extra and different rows', async () => {
  const rows = (from: number, to: number, value: string) =>
    `CREATE TABLE t (id bigint PRIMARY KEY, v text); INSERT INTO t SELECT n, ${value} FROM generate_series(${from}, ${to}) AS n`;
  expect(
    await verdictOf(
      rows(1, 10_000, `'v' || n`),
      rows(101, 10_050, `CASE WHEN n % 1000 = 0 THEN 'x' ELSE 'v' || n END`),
    ),
  ).toEqual([10_000, 9_950, 100, 50, 10]);
});

test.each([
  ['NULL and an empty text', 'v text', 'NULL', "''"],
  ['the text NULL and NULL', 'v text', "'NULL'", 'NULL'],
  ['a trailing blank', 'v text', "'a'", "'a '"],
  ['composed and decomposed letters', 'v text', "U&'\\00e9'", "U&'e\\0301'"],
  ['a backslash more', 'v text', "'\\'", "'\\\\'"],
  ['zero and minus zero', 'v float8', "'0'", "'-0'"],
  ['the last bit of a float', 'v float8', '0.3', "'0.30000000000000004'"],
  ['trailing zeros of a number', 'v numeric', '1.1', '1.10'],
  ['blanks in a json', 'v json', `'{"a":1}'`, `'{"a": 1}'`],
  ['a microsecond', 'v timestamptz', "'2024-01-01 00:00:00Z'", "'2024-01-01 00:00:00.000001Z'"],
  ['lower bounds of an array', 'v int[]', "'{1}'", "'[0:0]={1}'"],
  ['a NULL and a text NULL in an array', 'v text[]', "'{NULL}'", `'{"NULL"}'`],
  ['one byte', 'v bytea', "'\\x00ff'", "'\\x00fe'"],
  ['a value that is split differently between two columns', 'v text, w text', "'ab', 'c'", "'a', 'bc'"],
])('%s differ', async (_what, columns, left, right) => {
  const with_ = (value: string) => table(`id int PRIMARY KEY, ${columns}`, `1, ${value}`);
  expect(await verdictOf(with_(left), with_(right))).toEqual([1, 1, 0, 0, 1]);
});

test('compares columns whose names, order and types differ as the mapping says', async () => {
  const source = `CREATE TYPE mood AS ENUM ('sad', 'happy');
    ${table('id int, line smallint, old_name char(5), price numeric(10, 2), omitted int, m mood, PRIMARY KEY (id, line)', "1, 1, 'ab', 1.5, 7, 'sad'", "1, 2, NULL, NULL, 8, 'happy'")}`;
  const target = `CREATE SCHEMA other; CREATE TYPE other.mood AS ENUM ('happy', 'sad');
    CREATE TABLE other."T t" (m other.mood, new_name char(5), price numeric(12, 4), id bigint, line bigint, own int DEFAULT 3);
    INSERT INTO other."T t" VALUES ('sad', 'ab', 1.5, 1, 1), ('happy', NULL, NULL, 1, 2)`;
  const fields = {
    target: 'other."T t"',
    columns: { new_name: 'old_name' },
    omit: ['omitted'],
  };
  expect(await verdictOf(source, target, fields)).toEqual([2, 2, 0, 0, 0]);
});

test('settings of a role or a database do not make equal values different', async () => {
  const both = table(
    'id int PRIMARY KEY, at timestamptz, d date, i interval, f float8, b bytea, m money',
    "1, '2024-01-01 12:00Z', '2024-02-03', '1 day 2 hours', 0.1, '\\x0102', 12.5",
  );
  const [from, to] = [await freshDatabase(server), await freshDatabase(server)];
  await Promise.all([runSql(from, both), runSql(to, both)]);
  for (const setting of [
    "timezone = 'Asia/Tokyo'",
    "datestyle = 'German'",
    "intervalstyle = 'iso_8601'",
    'extra_float_digits = 0',
    "bytea_output = 'escape'",
  ]) {
    await runSql(to, `ALTER DATABASE ${new URL(to).pathname.slice(1)} SET ${setting}`);
  }
  expect(await judge(from, to, moved())).toEqual([
    { table: 'public.t', sourceRows: 1, targetRows: 1, missing: 0, extra: 0, different: 0 },
  ]);
});

describe('computed columns', () => {
  const source = table(
    'id int PRIMARY KEY, a text, b numeric(6, 2), gone bool',
    "1, 'x', 1.5, false",
    '2, NULL, 2, false',
    "3, 'y', 3, true",
  );
  const target = (...rows: string[]) =>
    table('id bigint PRIMARY KEY, joined text, b numeric(8, 4), shout varchar(5)', ...rows);
  const RIGHT = ["1, 'x/1.50', 1.5, 'X!'", "2, '-/2.00', 2, NULL"];
  const fields: Partial<MovedTable> = {
    columns: { joined: { sql: `coalesce(a, '-') || '/' || b` } },
    omit: ['gone', 'a'],
    where: 'NOT gone',
    rowFunction: {
      reads: ['a', 'id'],
      writes: ['shout'],
      apply: ({ a }) => ({ shout: a == null ? null : `${a.toUpperCase()}!` }),
    },
  };

  test('the judge computes them itself', async () => {
    expect(await verdictOf(source, target(...RIGHT), fields)).toEqual([2, 2, 0, 0, 0]);
  });

  test.each([
    ['an expression', "1, 'x/1.5', 1.5, 'X!'", [0, 0, 1]],
    ['a row function', "1, 'x/1.50', 1.5, 'x!'", [0, 0, 1]],
    ['NULL of a row function', "1, 'x/1.50', 1.5, NULL", [0, 0, 1]],
    ['both at once, counted once', "1, 'x', 1.5, 'x'", [0, 0, 1]],
    ['a key', "4, 'x/1.50', 1.5, 'X!'", [1, 1, 0]],
  ])('finds a wrong value: %s', async (_what, first, found) => {
    expect(await verdictOf(source, target(first, RIGHT[1]!), fields)).toEqual([2, 2, ...found]);
  });

  test('a row that the filter excludes counts as extra', async () => {
    const verdict = await verdictOf(source, target(...RIGHT, "3, 'y/3.00', 3, 'Y!'"), fields);
    expect(verdict).toEqual([2, 3, 0, 1, 0]);
  });
});

test('excluded keys are compared on neither side', async () => {
  const rows = (...ids: number[]) =>
    table('a int, b text, v text, PRIMARY KEY (a, b)', ...ids.map((id) => `${id}, 'b ${id}', 'v'`));
  const [from, to] = [await freshDatabase(server), await freshDatabase(server)];
  await Promise.all([runSql(from, rows(1, 2, 3)), runSql(to, rows(1, 4, 5))]);
  const excludedKeys = {
    'public.t': [
      ['2', 'b 2'],
      ['4', 'b 4'],
    ],
  };
  expect(await judge(from, to, moved(), excludedKeys)).toEqual([
    { table: 'public.t', sourceRows: 2, targetRows: 2, missing: 1, extra: 1, different: 0 },
  ]);
});

test('the second copy of a row counts as extra', async () => {
  const row = "1, 'a'";
  expect(
    await verdictOf(table('id int PRIMARY KEY, v text', row), table('id int, v text', row, row)),
  ).toEqual([1, 2, 0, 1, 0]);
});

test('throws if the tables cannot be compared', async () => {
  await expect(verdictOf(table('id int PRIMARY KEY'), 'SELECT 1')).rejects.toThrow(/public\.t is not in/);
  await expect(verdictOf(table('id int'), table('id int'))).rejects.toThrow(/has no key/);
  await expect(verdictOf(table('id int PRIMARY KEY, v int'), table('id int PRIMARY KEY'))).rejects.toThrow(
    /has no column v/,
  );
});
