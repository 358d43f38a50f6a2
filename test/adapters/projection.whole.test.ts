/** Copier and comparison share one projection: they write and compare the results of SQL and row functions. */
import { fromFilter, fromValue } from '../../src/adapters/postgres/sql/projection';
import { defineRowFunction } from '../../src/core/definition/definition';
import { RowsRefused } from '../../src/core/errors';
import { startLab, type Lab, type Trial } from '../support/world';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

/** Copies every chunk and compares it as the stages do; fails unless all chunks are equal. */
async function move(trial: Trial): Promise<Trial> {
  await trial.begin();
  await trial.walk('verify');
  return trial;
}

async function digests(trial: Trial) {
  const { ends, control } = trial.world();
  const [table] = await control.chunks.tables(trial.name, trial.run.generation);
  const all = { lower: null, upper: null };
  return {
    source: await ends.source.verifier.digestFrom(table!.layout, all),
    target: await ends.target.verifier.digestTo(table!.layout, all),
  };
}

/** Every name that the statements around an expression use, as columns of the table. */
const NAMES = [
  't',
  'r',
  'a',
  's',
  'g',
  'm',
  'f',
  'i',
  'n',
  'w',
  'o',
  'd',
  'u',
  'v',
  'c0',
  'c1',
  'k0',
  'part',
];
const MORE = [
  'since',
  'upto',
  'bytes',
  'last',
  'fits',
  'stored',
  'running',
  'place',
  'key',
  'value',
  'row_text',
];

test.each([
  ['narrow', `'x'`],
  ['wide', `repeat(md5(id::text), 400)`],
])('bare names are the columns of the row, whatever the statement calls its own, %s', async (_what, big) => {
  const names = [...NAMES, ...MORE];
  const trial = await lab.trial({
    tables: `CREATE TABLE t (id int PRIMARY KEY, ${names.map((name) => `"${name}" text`).join(', ')}, big text);
      ALTER TABLE t ALTER big SET STORAGE EXTERNAL`,
    target: `CREATE TABLE t (id int PRIMARY KEY, joined text)`,
    seed: `INSERT INTO t SELECT n AS id, ${names.map((name) => `'${name}-' || n`).join(', ')}, NULL FROM generate_series(1, 300) AS n;
      UPDATE t SET big = ${big}; ANALYZE t`,
    map: [
      {
        source: 'shop.t',
        target: 'shop.t',
        omit: [...names, 'big'],
        columns: { joined: { sql: `${names.join(" || ' ' || ")} || length(big)` } },
        where: `t <> 't-7' AND "n" IS NOT NULL`,
        chunking: { rows: 100 },
      },
    ],
  });
  await move(trial);
  const expected = await trial.source.sql<{ line: string }>(
    `SELECT ROW(id, ${names.map((name) => `x."${name}"`).join(` || ' ' || `)} || length(big))::text AS line
     FROM t AS x WHERE id <> 7 ORDER BY 1`,
  );
  expect(await trial.target.rows('t')).toEqual(expected.map(({ line }) => line));
  expect(expected).toHaveLength(299);
});

test('an expression may contain a subquery that joins other rows', async () => {
  const { source } = await lab.trial({
    tables: `CREATE TABLE t (id int PRIMARY KEY, name text); CREATE TABLE o (id int PRIMARY KEY, name text, t text)`,
    seed: `INSERT INTO t VALUES (1, 'the row'); INSERT INTO o VALUES (1, 'another', 'table')`,
  });
  const value = fromValue({ from: 'x', expression: `name || ' ' || id` });
  const filter = fromFilter({ where: `name = 'the row'` });
  const rows = await source.sql(
    `SELECT ${value} AS value, l.* FROM o JOIN t AS t USING (id), LATERAL (SELECT ${filter} AS mine, o.name) AS l WHERE ${filter}`,
  );
  expect(rows).toEqual([{ value: 'the row 1', mine: true, name: 'another' }]);
});

test('types that only the target has, types that differ, and rows that the filter excludes', async () => {
  const trial = await lab.trial({
    tables: `CREATE TABLE t (id bigint PRIMARY KEY, state smallint, cents bigint, paid text, day date, deleted boolean)`,
    target: `CREATE TYPE state AS ENUM ('new', 'paid');
      CREATE TABLE t (id bigint PRIMARY KEY, state state, price numeric(12,2), paid_at timestamptz, "the day" timestamp)`,
    seed: `INSERT INTO t SELECT n, n % 3, n * 7, '1700000' || lpad(n::text, 3, '0'), DATE '2026-01-01' + n::int, CASE n % 5 WHEN 0 THEN true WHEN 1 THEN NULL ELSE false END
      FROM generate_series(1, 500) AS n`,
    map: [
      {
        source: 'shop.t',
        target: 'shop.t',
        omit: ['cents', 'paid', 'day', 'deleted'],
        columns: {
          state: { sql: `CASE state WHEN 1 THEN 'new' WHEN 2 THEN 'paid' END` },
          price: { sql: '(cents / 100.0)::numeric(12,2)' },
          paid_at: { sql: 'to_timestamp(paid::bigint)' },
          'the day': { sql: 'day::timestamp' },
        },
        where: 'NOT deleted',
        chunking: { rows: 100 },
      },
    ],
  });
  await move(trial);
  const rows = await trial.target.rows('t');
  expect(rows).toHaveLength(300);
  expect(rows).toContain('(2,paid,0.14,"2023-11-14 22:13:22+00","2026-01-03 00:00:00")');
  expect(rows).toContain('(3,,0.21,"2023-11-14 22:13:23+00","2026-01-04 00:00:00")');
  const { source, target } = await digests(trial);
  expect(source).toEqual(target);
});

const phones = defineRowFunction({
  reads: ['phone', 'country', 'tags'],
  writes: ['phone', 'valid', 'parts'],
  apply: ({ phone, country, tags }) => {
    const digits = phone?.replace(/\D/g, '') ?? null;
    return {
      phone: phone === null ? null : `+${country ?? '?'} ${digits} ${phone}`,
      valid: digits === null ? null : digits.length > 2 ? 't' : 'f',
      parts: tags,
    };
  },
});

const PHONES = {
  tables: `CREATE TABLE t (shard int, id bigint, phone text, country char(2), tags text[], note text, PRIMARY KEY (shard, id))`,
  target: `CREATE TABLE t (shard int, id bigint, phone text, valid boolean, parts varchar(20)[], note text, loud text GENERATED ALWAYS AS (upper(note)) STORED, PRIMARY KEY (shard, id))`,
  seed: `INSERT INTO t SELECT n % 3, n,
      CASE WHEN n % 7 > 0 THEN (ARRAY['', '079 123', E'a"b\\\\c\\n', '{NULL,"x"}', 'NULL', 'é日🦊', E'\\x01\\x1f'])[1 + n % 7] || n END,
      CASE WHEN n % 2 = 0 THEN 'C' END, CASE WHEN n % 11 = 0 THEN ARRAY['a b', NULL, 'c"d'] END, 'note ' || n
    FROM generate_series(1, 3000) AS n`,
  map: [
    {
      source: 'shop.t',
      target: 'shop.t',
      omit: ['country', 'tags'],
      rowFunction: phones,
      chunking: { rows: 1000 },
    },
  ],
};

test('the results of a row function arrive, value by value', async () => {
  const trial = await move(await lab.trial(PHONES));
  const expected = await trial.source.sql<{ line: string }>(`
    SELECT ROW(shard, id, '+' || coalesce(country::text || repeat(' ', 2 - length(country)), '?') || ' ' || regexp_replace(phone, '[^0-9]', '', 'g') || ' ' || phone,
      length(regexp_replace(phone, '[^0-9]', '', 'g')) > 2, tags, note, upper(note))::text AS line
    FROM t ORDER BY 1`);
  expect(await trial.target.rows('t')).toEqual(expected.map(({ line }) => line));
  const { source, target } = await digests(trial);
  expect(source).toEqual(target);
  expect(source.checksum.split(':')).toHaveLength(4);
  expect(await trial.problems()).toEqual([]);
});

test.each([
  ['a result of the function', `phone = phone || '!'`],
  [
    'a result that is NULL',
    `valid = false WHERE valid IS NULL AND id = (SELECT min(id) FROM t WHERE valid IS NULL)`,
  ],
  ['another column', `note = 'other' WHERE id = 5`],
  [
    'values of two rows, exchanged',
    `phone = CASE id WHEN 1 THEN (SELECT phone FROM t WHERE id = 2) ELSE (SELECT phone FROM t WHERE id = 1) END WHERE id IN (1, 2)`,
  ],
])('a difference in %s is found', async (_what, change) => {
  const trial = await move(await lab.trial(PHONES));
  await trial.target.sql(
    `SET session_replication_role = replica; ALTER TABLE t DISABLE TRIGGER ALL; UPDATE t SET ${change}`,
  );
  const { source, target } = await digests(trial);
  expect(source.rows).toBe(target.rows);
  expect(source.checksum).not.toBe(target.checksum);
});

test('rows that are too large to send, before or after the function', async () => {
  const swell = defineRowFunction({
    reads: ['given', 'times'],
    writes: ['made'],
    apply: ({ given, times }) => ({
      made: given === null ? null : given.repeat(Number(times)).slice(0, 400_000),
    }),
  });
  const trial = await lab.trial({
    tables: `CREATE TABLE t (id int PRIMARY KEY, given text, times int, big text)`,
    target: `CREATE TABLE t (id int PRIMARY KEY, made text, big text)`,
    seed: `INSERT INTO t SELECT n,
        CASE n % 4 WHEN 0 THEN 'é"' || n WHEN 1 THEN repeat('é\\"' || n, 20000) WHEN 2 THEN NULL ELSE repeat('x', 50000) END,
        CASE n % 4 WHEN 0 THEN 90000 ELSE 1 END, CASE WHEN n = 6 THEN repeat('big', 60000) ELSE 'b' END
      FROM generate_series(1, 20) AS n`,
    map: [{ source: 'shop.t', target: 'shop.t', omit: ['given', 'times'], rowFunction: swell }],
  });
  await move(trial);
  const expected = await trial.source.sql<{ line: string }>(
    `SELECT concat_ws(' ', id, md5(left(repeat(given, times), 400000)), md5(big)) AS line FROM t ORDER BY id`,
  );
  const arrived = await trial.target.sql<{ line: string }>(
    `SELECT concat_ws(' ', id, md5(made), md5(big)) AS line FROM t ORDER BY id`,
  );
  expect(arrived).toEqual(expected);
});

test('a function that fails for a row stops its chunk, and reports the reason without the row', async () => {
  const trial = await lab.trial({
    ...PHONES,
    seed: `${PHONES.seed}; INSERT INTO t VALUES (9, 9000, 'secret-9000', NULL, NULL, NULL)`,
    map: [
      {
        ...PHONES.map[0]!,
        rowFunction: {
          ...phones,
          apply: (row) => {
            if (row.phone?.startsWith('secret')) throw new RangeError(row.phone);
            return phones.apply(row);
          },
        },
      },
    ],
  });
  await trial.begin();
  await trial.walk('plan');
  const failures: string[] = [];
  for (const { chunk } of await trial.chunks())
    await trial.copy(chunk).catch((error: Error) => failures.push(`${error.name}: ${error.message}`));
  expect(failures).toEqual([
    expect.stringMatching(
      /^RowFunctionFailed: the row function of shop\.t threw RangeError at \S+:\d+\. Make it return a value for every row$/,
    ) as string,
  ]);
  const recorded = (await trial.chunks()).flatMap(({ failure }) => failure ?? []);
  expect(recorded).toEqual(failures);
  expect(await trial.everyItem()).not.toContain('secret');
});

test('a row for which an expression fails is left out and reported, and stops the migration', async () => {
  const trial = await lab.trial({
    tables: 'CREATE TABLE t (id int PRIMARY KEY, v text)',
    target: 'CREATE TABLE t (id int PRIMARY KEY, n int)',
    seed: `INSERT INTO t SELECT n, n::text FROM generate_series(1, 3000) AS n; UPDATE t SET v = 'secret' WHERE id = 2500`,
    map: [
      {
        source: 'shop.t',
        target: 'shop.t',
        omit: ['v'],
        columns: { n: { sql: 'v::integer' } },
        chunking: { rows: 1000 },
      },
    ],
  });
  await trial.begin();
  await trial.walk('backfill');
  expect(await trial.target.count('t')).toBe(2999);
  expect(await trial.problems()).toMatchObject([{ sqlState: '22P02', constraint: null }]);
  await expect(trial.stage('verify')).rejects.toThrow(RowsRefused);
  expect(await trial.everyItem()).not.toContain('secret');
});

test('a definition whose function writes other columns than the plan is refused', async () => {
  const trial = await move(await lab.trial(PHONES));
  const { control } = trial.world();
  const [table] = await control.chunks.tables(trial.name, trial.run.generation);
  const other = lab.trialOn(trial.source, trial.target, {
    map: [{ ...PHONES.map[0]!, rowFunction: { ...phones, reads: ['phone', 'country'] } }],
  });
  await expect(
    other.world().ends.source.verifier.digestFrom(table!.layout, { lower: null, upper: null }),
  ).rejects.toThrow(/^the row function of shop\.t has other columns than when the chunks were planned/);
});
