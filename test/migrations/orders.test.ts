import migration from '../../migrations/orders';
import { judge } from '../../src/rehearsal/judge';
import { freshDatabase, runSql, startTestPostgres, type TestPostgres } from 'local-aws/testing';
import { ROLES, runAsOwner, sqlOf } from './support';

let server: TestPostgres;

beforeAll(async () => {
  server = await startTestPostgres();
  await runSql(server.superuserUrl, ROLES);
});
afterAll(() => server.stop());

const sourceOf = async (rows: number, seed: number): Promise<string> => {
  const url = await freshDatabase(server, 'app_owner');
  await runAsOwner(url, sqlOf('orders/rehearsal.sql'), { rows, seed });
  return url;
};

/** The judge's view with the source as both sides: the rows that differ between two seeds. */
const toItself = {
  tables: migration.tables.map((table) => ({ ...table, target: table.source, columns: {} })),
};

test('the same rows and seed make the same shop, another seed makes another', async () => {
  const [one, same, other] = await Promise.all([sourceOf(500, 1), sourceOf(500, 1), sourceOf(500, 2)]);
  const differences = async (url: string) =>
    (await judge(one, url, toItself)).map(({ missing, extra, different }) => missing + extra + different);
  expect(await differences(same)).toEqual([0, 0, 0, 0, 0]);
  expect((await differences(other)).filter((count) => count > 0).length).toBeGreaterThanOrEqual(4);
});

test('there are as many rows as requested, including difficult values', async () => {
  const url = await sourceOf(20_000, 1);
  const [counts] = await runSql(
    url,
    `SELECT (SELECT count(*)::int FROM orders) AS orders, (SELECT count(*)::int FROM customers) AS customers,
       (SELECT count(*)::int BETWEEN 55000 AND 65000 FROM order_items) AS items,
       (SELECT count(*)::int BETWEEN 15000 AND 17000 FROM payments) AS payments,
       (SELECT count(*) > 0 FROM orders WHERE comment = '') AS "emptyText",
       (SELECT count(*) > 0 FROM order_items WHERE gift_message LIKE '%🦊%') AS emoji,
       (SELECT count(*) > 0 FROM order_items WHERE gift_message = '\\') AS backslash,
       (SELECT count(*) > 0 FROM order_items WHERE gift_message LIKE E'%\\n%') AS newline,
       (SELECT count(*) > 0 FROM payments WHERE details::text = '{ "a" : 1,  "a":2 ,"b" : [ ] }') AS json,
       (SELECT count(*) > 0 FROM payments WHERE currency = 'X') AS padding`,
  );
  expect(counts).toEqual({
    ...{ orders: 20_000, customers: 2_000, items: true, payments: true, emptyText: true, emoji: true },
    ...{ backslash: true, newline: true, json: true, padding: true },
  });
});

test('a single order is enough', async () => {
  const url = await sourceOf(1, 7);
  expect(await runSql(url, 'SELECT count(*)::int AS orders FROM orders')).toEqual([{ orders: 1 }]);
});

test("a login that owns nothing can create the target's schema, and the application owns it", async () => {
  const url = await freshDatabase(server, 'app_owner');
  await runSql(
    url,
    `CREATE ROLE installer_of_orders IN ROLE app_owner; GRANT CREATE ON DATABASE ${new URL(url).pathname.slice(1)} TO installer_of_orders`,
  );
  await runSql(url, `SET ROLE installer_of_orders; ${sqlOf('orders/target.sql')}`);
  const tables = await runSql<{ name: string; owner: string }>(
    url,
    "SELECT schemaname || '.' || tablename AS name, tableowner AS owner FROM pg_tables WHERE schemaname = 'shop'",
  );
  expect(tables.map(({ name }) => name).sort()).toEqual(migration.tables.map(({ target }) => target).sort());
  expect(new Set(tables.map(({ owner }) => owner))).toEqual(new Set(['app_owner']));
});
