import migration from '../../migrations/every-type';
import { judge } from '../../src/rehearsal/judge';
import { freshDatabase, runSql, startTestPostgres, type TestPostgres } from 'local-aws/testing';
import { ROLES, runAsOwner, sqlOf } from './support';

let server: TestPostgres;
let source: string;

beforeAll(async () => {
  server = await startTestPostgres({ max_wal_size: '1GB' });
  await runSql(server.superuserUrl, ROLES);
  source = await freshDatabase(server, 'app_owner');
  await runAsOwner(source, sqlOf('every-type/rehearsal.sql'), { rows: 1, seed: 1 });
});
afterAll(() => server.stop());

/** Types without an input function, so that no column of them can be filled. */
const WITHOUT_INPUT = [
  'gtsvector',
  'pg_brin_bloom_summary',
  'pg_brin_minmax_multi_summary',
  'pg_dependencies',
  'pg_mcv_list',
  'pg_ndistinct',
  'pg_node_tree',
];

const typesOf = async (table: string): Promise<Set<string>> => {
  const rows = await runSql<{ type: string }>(
    source,
    `SELECT atttypid::regtype::text AS type FROM pg_attribute WHERE attrelid = 'samples.${table}'::regclass AND attnum > 0`,
  );
  return new Set(rows.map(({ type }) => type));
};

test('there is a column of every built-in type and of its arrays', async () => {
  const types = await runSql<{ name: string; type: string; array: string }>(
    source,
    `SELECT typname::text AS name, oid::regtype::text AS type, typarray::regtype::text AS array FROM pg_type
     WHERE typnamespace = 'pg_catalog'::regnamespace AND typtype IN ('b', 'r', 'm') AND typcategory <> 'A'
       OR oid IN ('int2vector'::regtype, 'oidvector'::regtype)`,
  );
  const usable = types.filter(({ name }) => !WITHOUT_INPUT.includes(name));
  expect(usable.length).toBeGreaterThan(70);
  const [scalars, arrays] = [await typesOf('scalars'), await typesOf('arrays')];
  expect(usable.filter(({ type }) => !scalars.has(type)).map(({ type }) => type)).toEqual([]);
  expect(usable.filter(({ array }) => !arrays.has(array)).map(({ array }) => array)).toEqual([]);
});

test('every column has values', async () => {
  for (const table of ['scalars', 'arrays', 'made', 'large']) {
    const [row] = await runSql<{ counts: Record<string, number> }>(
      source,
      `SELECT jsonb_object_agg(key, count) AS counts FROM (
         SELECT e.key, count(DISTINCT e.value)::int AS count FROM samples.${table} AS t, jsonb_each_text(to_jsonb(t)
           ${table === 'large' ? "- 'bytes' - 'body'" : ''}) AS e GROUP BY e.key) AS c`,
    );
    // A few rows of `large` are enough for a single value each.
    const wanted = table === 'large' ? 1 : 2;
    const empty = Object.entries(row!.counts).filter(([, count]) => count < wanted);
    expect([table, empty]).toEqual([table, []]);
  }
}, 120_000);

test('extreme values are included', async () => {
  const [extremes] = await runSql(
    source,
    `SELECT
       (SELECT bool_or(v_double = 'NaN') AND bool_or(v_double::text = '-0') AND bool_or(v_double = '-Infinity') FROM samples.scalars) AS floats,
       (SELECT bool_or(v_numeric = 'NaN') AND bool_or(v_numeric = 'Infinity') FROM samples.scalars) AS numerics,
       (SELECT bool_or(v_timestamptz < '4713-12-01 BC') AND bool_or(v_timestamptz > '294276-12-31') AND bool_or(v_timestamptz = 'infinity') FROM samples.scalars) AS times,
       (SELECT bool_or('NULL' = ANY (a_text)) AND bool_or(NULL = ANY (a_text) IS NULL) FROM samples.arrays WHERE kind = 'list') AS nulls,
       (SELECT bool_and(array_lower(a_bigint, 1) = -1) FROM samples.arrays WHERE kind = 'shifted list') AS bounds,
       (SELECT bool_and(array_ndims(a_box) = 3) FROM samples.arrays WHERE kind = 'cube') AS dimensions,
       (SELECT bool_or(length(number::text) > 131072 + 16000) FROM samples.large) AS digits,
       (SELECT bool_or(octet_length(body) >= 16 * 1024 * 1024) AND bool_or(length(bytes) = 16 * 1024 * 1024) FROM samples.large) AS "largeValues"`,
  );
  expect(Object.values(extremes!)).toEqual(Array(8).fill(true));
});

test('the target has every column that is not omitted, with the same type', async () => {
  const target = await freshDatabase(server, 'app_owner');
  await runAsOwner(target, sqlOf('every-type/target.sql'), { rows: 1, seed: 1 });
  for (const { source: from, target: to, omit } of migration.tables) {
    const columns = (url: string, table: string) =>
      runSql<{ name: string; type: string }>(
        url,
        `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
         WHERE attrelid = '${table}'::regclass AND attnum > 0 ORDER BY attnum`,
      );
    const expected = (await columns(source, from)).filter(({ name }) => !omit.includes(name));
    expect(await columns(target, to)).toEqual(expected);
  }
});

test('the same rows and seed make the same values', async () => {
  const again = await freshDatabase(server, 'app_owner');
  await runAsOwner(again, sqlOf('every-type/rehearsal.sql'), { rows: 1, seed: 1 });
  const tables = migration.tables.map((table) => ({ ...table, target: table.source }));
  const judgements = await judge(source, again, { tables });
  expect(judgements.map(({ missing, extra, different }) => [missing, extra, different])).toEqual(
    Array(5).fill([0, 0, 0]),
  );
  expect(judgements.every(({ sourceRows }) => sourceRows > 0)).toBe(true);
}, 120_000);
