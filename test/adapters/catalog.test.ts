import { describeServer, describeTable, describeTables } from '../../src/adapters/postgres/catalog';
import type { Database, Row } from '../../src/adapters/postgres/database';
import type { TableDescription } from '../../src/core/catalog';
import { PINNED_TARGET_SETTINGS } from '../../src/core/settings';
import { pgDatabase } from '../support/pg-database';
import { createLogin, freshDatabase, runSql, startTestPostgres, type TestPostgres } from 'local-aws/testing';

let server: TestPostgres;
let url: string;
let stranger: string;

beforeAll(async () => {
  server = await startTestPostgres();
  url = await freshDatabase(server);
  const login = await createLogin(url, 'stranger');
  stranger = login;
  await runSql(url, 'CREATE SCHEMA shop; CREATE SCHEMA "Odd ""schema"');
});
afterAll(() => server.stop());

async function describeShop(name: string, login = url): Promise<TableDescription> {
  const description = await describeTable(pgDatabase(login), { schema: 'shop', name });
  if (description === null) throw new Error(`no table shop.${name}`);
  return description;
}

const columnsOf = (table: TableDescription) =>
  Object.fromEntries(table.columns.map((column) => [column.name, column]));

test('types have the same name for every login, and keep their modifier', async () => {
  await runSql(
    url,
    `CREATE TYPE public.mood AS ENUM ('a'); CREATE DOMAIN shop.price AS numeric(10,2);
     CREATE DOMAIN shop.prices AS shop.price[];
     CREATE TABLE shop.types (c char(4), b bit(3), v varchar(20)[], n numeric(10,2), t timestamp(3) with time zone,
       e public.mood, p shop.price, q shop.prices, x box)`,
  );
  const own = columnsOf(await describeShop('types'));
  expect(Object.values(own).map(({ type, plainType, baseType }) => [type, plainType, baseType])).toEqual([
    ['character(4)', 'bpchar', 'bpchar'],
    ['bit(3)', '"bit"', '"bit"'],
    ['character varying(20)[]', 'character varying[]', 'character varying[]'],
    ['numeric(10,2)', 'numeric', 'numeric'],
    ['timestamp(3) with time zone', 'timestamp with time zone', 'timestamp with time zone'],
    ['public.mood', 'public.mood', 'public.mood'],
    ['shop.price', 'shop.price', 'numeric'],
    ['shop.prices', 'shop.prices', 'shop.price[]'],
    ['box', 'box', 'box'],
  ]);
  expect(own['x']?.delimiter).toBe(';');
  expect(own['q']).toMatchObject({ kind: 'domain', isArray: true, hasArrayType: true });
  expect(own['q']?.value).toMatchObject({ type: 'numeric', modifier: (10 << 16) + 2 + 4, arrayLevels: 1 });
  for (const path of ["''", 'public, shop', 'shop, pg_catalog']) {
    await runSql(url, `ALTER ROLE stranger SET search_path = ${path}`);
    expect(columnsOf(await describeShop('types', stranger))).toEqual(own);
  }
});

test('a login without any rights sees everything except rows, and its own privileges', async () => {
  await runSql(
    url,
    'CREATE TABLE shop.secret (id bigserial PRIMARY KEY); INSERT INTO shop.secret VALUES (1)',
  );
  const own = await describeShop('secret');
  expect(own).toMatchObject({
    hasRows: true,
    loginActsAsOwner: true,
    privileges: { usage: true, select: true, insert: true, update: true, delete: true },
  });
  const seen = await describeShop('secret', stranger);
  expect(seen).toMatchObject({
    hasRows: false,
    loginActsAsOwner: false,
    loginIsMemberOfOwner: false,
    privileges: { usage: false, select: false, insert: false, update: false, delete: false },
  });
  expect(seen.columns).toEqual(own.columns.map((column) => ({ ...column, maySetSequence: false })));
  expect(own.columns[0]?.sequence).toBe('shop.secret_id_seq');
});

test('sizes and rows are summed over all partitions', async () => {
  await runSql(
    url,
    `CREATE TABLE shop.parted (id int, big text) PARTITION BY LIST (id);
     CREATE TABLE shop.parted_1 PARTITION OF shop.parted FOR VALUES IN (1);
     CREATE TABLE shop.parted_2 PARTITION OF shop.parted FOR VALUES IN (2) PARTITION BY LIST (id);
     CREATE TABLE shop.parted_21 PARTITION OF shop.parted_2 FOR VALUES IN (2);
     ALTER TABLE shop.parted ALTER big SET STORAGE EXTERNAL`,
  );
  expect(await describeShop('parted')).toMatchObject({
    kind: 'partitioned table',
    heapBytes: 0,
    toastBytes: 0,
    rowsEstimated: -1,
    hasRows: false,
  });
  await runSql(
    url,
    `INSERT INTO shop.parted SELECT 1 + n % 2, repeat('x', 5000) FROM generate_series(1, 1000) AS n`,
  );
  await runSql(url, 'ANALYZE shop.parted_1; ANALYZE shop.parted_21');
  const parted = await describeShop('parted');
  expect(parted).toMatchObject({ rowsEstimated: 1000, hasRows: true });
  expect(parted.heapBytes).toBe((await describeShop('parted_1')).heapBytes * 2);
  expect(parted.toastBytes).toBeGreaterThan(5_000_000);
});

test('indexes are described by their key columns, without included ones, and their properties', async () => {
  await runSql(
    url,
    `CREATE TABLE shop.indexed (a int, b int, c text, d int4range, PRIMARY KEY (b, a),
       CONSTRAINT i_late UNIQUE (c) DEFERRABLE, CONSTRAINT i_apart EXCLUDE USING gist (d WITH &&));
     CREATE UNIQUE INDEX i_include ON shop.indexed (a) INCLUDE (c);
     CREATE INDEX i_expression ON shop.indexed (a, (b + 1));
     CREATE INDEX i_hash ON shop.indexed USING hash (a);
     CREATE INDEX i_down ON shop.indexed (a DESC, c DESC);
     CREATE UNIQUE INDEX i_broken ON shop.indexed (a, b);
     UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'shop.i_broken'::regclass`,
  );
  const { indexes } = await describeShop('indexed');
  const plain = { unique: false, primary: false, partial: false, usable: true, valid: true };
  const expected = [
    { name: 'indexed_pkey', columns: ['b', 'a'], ...plain, unique: true, primary: true },
    { name: 'i_include', columns: ['a'], ...plain, unique: true },
    { name: 'i_expression', columns: ['a', null], ...plain },
    { name: 'i_hash', columns: ['a'], ...plain, usable: false },
    { name: 'i_down', columns: ['a', 'c'], ...plain },
    { name: 'i_late', columns: ['c'], ...plain, unique: true, usable: false, deferrable: true },
    { name: 'i_apart', columns: ['d'], ...plain, usable: false, exclusion: true },
    { name: 'i_broken', columns: ['a', 'b'], ...plain, unique: true, usable: false, valid: false },
  ].map((index) => ({ deferrable: false, exclusion: false, ...index }));
  expect(indexes).toHaveLength(expected.length);
  expect(indexes).toEqual(expect.arrayContaining(expected));
});

test('foreign keys in both directions, once for all partitions', async () => {
  await runSql(
    url,
    `CREATE TABLE shop.parents (x int, y int, PRIMARY KEY (x, y)) PARTITION BY LIST (x);
     CREATE TABLE shop.parents_1 PARTITION OF shop.parents FOR VALUES IN (1);
     CREATE TABLE "Odd ""schema".children (id int, a int, b int) PARTITION BY LIST (id);
     CREATE TABLE shop.children_1 PARTITION OF "Odd ""schema".children FOR VALUES IN (1);
     ALTER TABLE "Odd ""schema".children ADD CONSTRAINT up FOREIGN KEY (b, a) REFERENCES shop.parents (x, y)`,
  );
  const child = { schema: 'Odd "schema', name: 'children' };
  const up = {
    name: 'up',
    from: child,
    to: { schema: 'shop', name: 'parents' },
    ...{ ofPartition: null, toPartition: null },
    columns: ['b', 'a'],
    referencedColumns: ['x', 'y'],
    comparisons: Array(2).fill({ operator: 'OPERATOR(pg_catalog.=)', collation: null }) as unknown,
    ...{ temporal: false, validated: true, enforced: true, cascades: false, mayReadParent: true },
  };
  expect((await describeTable(pgDatabase(url), child))?.foreignKeys).toEqual([up]);
  expect((await describeShop('parents')).referencedBy).toEqual([up]);
  expect((await describeShop('parents')).foreignKeys).toEqual([]);
});

test('foreign keys of and to single partitions, under the names of their tables', async () => {
  await runSql(
    url,
    `CREATE EXTENSION citext SCHEMA public; CREATE TABLE shop.whole (id citext COLLATE "C" PRIMARY KEY) PARTITION BY LIST (id);
     CREATE TABLE shop.whole_1 PARTITION OF shop.whole FOR VALUES IN ('a');
     CREATE TABLE shop.parts (id int, a citext) PARTITION BY LIST (id);
     CREATE TABLE shop.parts_1 PARTITION OF shop.parts FOR VALUES IN (1);
     ALTER TABLE shop.parts_1 ADD CONSTRAINT one FOREIGN KEY (a) REFERENCES shop.whole_1 ON DELETE SET NULL NOT VALID`,
  );
  const one = {
    name: 'one',
    from: { schema: 'shop', name: 'parts' },
    to: { schema: 'shop', name: 'whole' },
    ofPartition: { schema: 'shop', name: 'parts_1' },
    toPartition: { schema: 'shop', name: 'whole_1' },
    comparisons: [{ operator: 'OPERATOR(public.=)', collation: 'pg_catalog."C"' }],
    ...{ validated: false, enforced: false, cascades: true },
  };
  expect((await describeShop('parts')).foreignKeys).toMatchObject([one]);
  expect((await describeShop('whole')).referencedBy).toMatchObject([one]);
});

test('collations are named by the locale that they sort by', async () => {
  await runSql(
    url,
    `CREATE TABLE shop.collated (n int, d text, c text COLLATE "C", i text COLLATE "de-x-icu")`,
  );
  const { n, d, c, i } = columnsOf(await describeShop('collated'));
  expect(n?.collation).toBeNull();
  expect(d?.collation).toEqual({
    name: 'C.UTF-8',
    provider: 'builtin',
    locale: 'C.UTF-8',
    deterministic: true,
    version: '1',
  });
  expect(c?.collation).toEqual({
    name: 'C',
    provider: 'libc',
    locale: 'C',
    deterministic: true,
    version: null,
  });
  expect(i?.collation).toMatchObject({ name: 'de-x-icu', provider: 'icu', locale: 'de' });
  expect(i?.collation?.version).toMatch(/^\d/);
});

/** Records every result, so that its size can be measured as the Data API does. */
function measured(database: Database): { database: Database; results: Row[][] } {
  const results: Row[][] = [];
  const query: Database['query'] = async (...statement) => {
    const rows = await database.query(...statement);
    results.push(rows);
    return rows;
  };
  return { database: { ...database, query }, results };
}

test('many tables, wide tables and long enums stay within the limits of a result', async () => {
  const labels = Array.from({ length: 2_000 }, (_, index) => `'label ${index} ${'x'.repeat(45)}'`);
  const columns = Array.from({ length: 150 }, (_, index) => `column_${index} shop.long`).join(', ');
  await runSql(url, `CREATE TYPE shop.long AS ENUM (${labels.join(', ')})`);
  const names = Array.from({ length: 12 }, (_, index) => `wide_${index}`);
  await runSql(url, names.map((name) => `CREATE TABLE shop.${name} (${columns})`).join('; '));
  const { database, results } = measured(pgDatabase(url));
  const tables = [...names, 'not there', ...names.slice(0, 1)].map((name) => ({ schema: 'shop', name }));
  const described = await describeTables(database, tables);
  expect(described.map((table) => table?.columns.length)).toEqual([...names.map(() => 150), undefined, 150]);
  expect(described[0]?.columns[0]?.value.enumLabels).toHaveLength(2_000);
  expect(described[0]?.columns[0]?.value.enumLabels?.[1_999]).toMatch(/^label 1999 /);
  const sizes = results.map((rows) => rows.map((row) => JSON.stringify(row).length));
  expect(Math.max(...sizes.flat())).toBeLessThan(64 * 1024);
  expect(Math.max(...sizes.map((rows) => rows.reduce((sum, size) => sum + size, 0)))).toBeLessThan(
    1024 * 1024,
  );
});

test('a server is described with the login and settings of the session', async () => {
  const description = await describeServer(pgDatabase(stranger));
  expect(description).toMatchObject({
    encoding: 'UTF8',
    login: 'stranger',
    database: new URL(url).pathname.slice(1),
    isSuperuser: false,
    bypassesRowSecurity: false,
    inRecovery: false,
    mayCreateSchema: false,
    mayCreateTemporary: true,
    sluiceSchemaOwner: null,
    actsAsSluiceSchemaOwner: true,
    seesOtherSessions: false,
    preparedTransactions: 0,
  });
  expect(Object.keys(description.settings)).toEqual(Object.keys(PINNED_TARGET_SETTINGS));
  expect(description.version).toBeGreaterThanOrEqual(140_000);
});
