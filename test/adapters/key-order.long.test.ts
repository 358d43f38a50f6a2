/** The database orders keys under their own type and collation; no row is skipped, whatever the page's size. */
import type { Layout } from '../../src/core/layout';
import type { Key, KeyRange, Reader } from '../../src/core/ports';
import { startLab, type Lab, type Trial } from '../support/world';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const EVERYTHING: KeyRange = { lower: null, upper: null };
const WORDS = `VALUES ('a'), ('A'), ('b'), ('B'), ('ä'), ('Ä'), ('z'), ('Z'), ('é'), ('e'), ('E'), (''), (' '), ('  '), ('a '),
  ('a-b'), ('ab'), ('a_b'), ('10'), ('9'), ('1'), ('"'), (''''), ('\\'), ('{'), ('}'), (','), ('NULL'), ('null'), ('{a,b}'),
  ('ß'), ('ss'), ('😀'), ('日本'), (E'a\\nb'), (E'\\t')`;

const TYPES: readonly (readonly [type: string, values: string])[] = [
  ['integer', 'SELECT generate_series(-20, 20)'],
  ['bigint', 'SELECT 9007199254740993 + generate_series(-20, 20)'],
  ['smallint', 'SELECT generate_series(-20, 20)::smallint'],
  ['uuid', 'SELECT md5(n::text)::uuid FROM generate_series(1, 40) AS n'],
  ['text', WORDS],
  ['text COLLATE "C"', WORDS],
  ['text COLLATE "und-x-icu"', WORDS],
  ['text COLLATE "de-x-icu"', WORDS],
  ['varchar(20)', WORDS],
  ['char(8)', `VALUES ('a'), ('A'), ('b'), ('ab'), ('10'), ('9'), (''), ('z'), ('é'), ('a-b')`],
  [
    'timestamptz',
    `SELECT '2026-10-25 00:30+00'::timestamptz + n * interval '7 minutes 0.000001 seconds' FROM generate_series(-20, 20) AS n`,
  ],
  [
    'timestamp',
    `VALUES ('infinity'::timestamp), ('-infinity'), ('0044-03-15 12:00:00 BC'), ('12026-01-01'), ('2026-01-01')`,
  ],
  ['date', `SELECT '2026-01-31'::date + n FROM generate_series(-20, 20) AS n`],
  ['time', `SELECT '00:00'::time + n * interval '37 minutes' FROM generate_series(0, 30) AS n`],
  ['interval', `VALUES ('1 mon'::interval), ('31 days'), ('29 days'), ('-1 day'), ('1 year'), ('00:00:01')`],
  [
    'numeric',
    `SELECT n / 7.0 FROM generate_series(-20, 20) AS n UNION ALL VALUES (1e30), (-1e30), (1e-30), ('NaN'::numeric)`,
  ],
  ['numeric(10,2)', 'SELECT n / 4.0 FROM generate_series(-20, 20) AS n'],
  ['boolean', 'VALUES (true), (false)'],
  ['bytea', `SELECT decode(lpad(to_hex(n * 7), 4, '0'), 'hex') FROM generate_series(0, 40) AS n`],
  ['inet', `SELECT ('10.0.' || n || '.1')::inet FROM generate_series(0, 40) AS n`],
  ['mood', `SELECT unnest(enum_range(NULL::mood))`],
];

/** Reads every key of the range, page by page. */
async function keysOf(reader: Reader, layout: Layout, range: KeyRange, rowsMax: number): Promise<Key[]> {
  const keys: Key[] = [];
  const size = { rowsMax, groupRows: 1, groupBytesMax: 60_000, bytesMax: 900_000 };
  for (;;) {
    const groups = await reader.readPage(layout, range, keys.at(-1) ?? null, size);
    keys.push(...groups.map(({ last }) => last));
    if (groups.length < rowsMax) return keys;
  }
}

test('ordering by the text of the key skips rows', async () => {
  const { source } = await lab.trial({
    tables: 'CREATE TABLE t (id int PRIMARY KEY)',
    seed: 'INSERT INTO t SELECT generate_series(1, 2000)',
  });
  const session = await source.session('app');
  let seen = 0;
  for (
    let last = '0', rows: { id: string }[] = [{ id: last }];
    rows.length > 0;
    last = rows.at(-1)?.id ?? last
  ) {
    const page = await session.query<{ id: string }>(
      'SELECT id::text AS id FROM t WHERE id > $1::int ORDER BY id LIMIT 100',
      [last],
    );
    rows = page.rows;
    seen += rows.length;
  }
  expect(seen).toBeLessThan(2_000);
});

test('all of 2000 integers arrive', async () => {
  const trial = await lab.trial({
    tables: 'CREATE TABLE t (id int PRIMARY KEY)',
    seed: 'INSERT INTO t SELECT generate_series(1, 2000)',
  });
  await trial.begin();
  await trial.walk('backfill');
  expect(await trial.target.content('t')).toBe(await trial.source.content('t'));
  expect(await trial.target.count('t')).toBe(2_000);
});

describe('a key of type', () => {
  const LABELS = `CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy', 'Angry')`;
  const named = TYPES.map(([type, values], index) => ({ type, values, table: `t${index}` }));
  let trial: Trial;

  beforeAll(async () => {
    trial = await lab.trial({
      tables: [
        LABELS,
        ...named.map(({ type, table }) => `CREATE TABLE ${table} (id ${type} PRIMARY KEY)`),
      ].join(';'),
      seed: named.map(({ values, table }) => `INSERT INTO ${table} ${values}`).join(';'),
      map: named.map(({ table }) => table),
    });
    await trial.begin();
    await trial.walk('plan');
  });

  test.each(named)('$type is paged in its own order, whatever the size', async ({ table }) => {
    const world = trial.world();
    const { layout } = (await world.describe('forward')).find(
      (planned) => planned.table === `shop.${table}`,
    )!;
    const wanted = await trial.source.sql<{ key: string }>(
      `SET datestyle = 'ISO, YMD'; SET timezone = 'UTC'; SET intervalstyle = 'postgres';
       SELECT ARRAY[concat(id)]::text AS key FROM ${table} ORDER BY id`,
    );
    for (const rowsMax of [1, 2, 3, 7, wanted.length, wanted.length + 1]) {
      const keys = await keysOf(world.ends.source.reader, layout, EVERYTHING, rowsMax);
      expect({ rowsMax, keys }).toEqual({ rowsMax, keys: wanted.map(({ key }) => key) });
    }
  });

  test('tables with keys of every type are copied completely', async () => {
    await trial.walk('verify');
    for (const { table } of named) {
      expect(await trial.target.rows(table)).toEqual(await trial.source.rows(table));
    }
  });
});

test('a key of several columns, each with its own order', async () => {
  const trial = await lab.trial({
    tables: `CREATE TABLE t (b text COLLATE "und-x-icu", "A b" int, at timestamptz, PRIMARY KEY ("A b", b, at))`,
    seed: `INSERT INTO t SELECT w, n, '2026-01-01'::timestamptz + k * interval '1 hour'
      FROM (${WORDS}) AS words(w), generate_series(-1, 10, 11) AS n, generate_series(1, 2) AS k`,
  });
  await trial.begin();
  await trial.walk('plan');
  const world = trial.world();
  const { layout } = (await world.describe('forward'))[0]!;
  const wanted = await trial.source.sql<{ key: string }>(
    `SET timezone = 'UTC'; SELECT ARRAY[concat("A b"), b, concat(at)]::text AS key FROM t ORDER BY "A b", b, at`,
  );
  for (const rowsMax of [1, 5, 71, 1_000]) {
    expect(await keysOf(world.ends.source.reader, layout, EVERYTHING, rowsMax)).toEqual(
      wanted.map(({ key }) => key),
    );
  }
  await trial.walk('verify');
  expect(await trial.target.rows('t')).toEqual(await trial.source.rows('t'));
});

test('a range is half-open: its lower bound is in it, its upper bound is not', async () => {
  const trial = await lab.trial({
    tables: 'CREATE TABLE t (a int, b text, PRIMARY KEY (a, b))',
    seed: `INSERT INTO t SELECT a, b FROM generate_series(8, 12) AS a, (VALUES ('x'), ('y')) AS v(b)`,
  });
  await trial.begin();
  await trial.walk('prepare');
  const world = trial.world();
  const { layout } = (await world.describe('forward'))[0]!;
  const range = { lower: '{9,y}', upper: '{11,x}' };
  expect(await keysOf(world.ends.source.reader, layout, range, 2)).toEqual(['{9,y}', '{10,x}', '{10,y}']);
  expect(await world.ends.source.verifier.digestFrom(layout, range)).toMatchObject({ rows: 3 });
});
