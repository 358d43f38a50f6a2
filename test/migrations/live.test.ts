/** The databases that live rehearsals start with: the open shop, and pgbench's tables. */
import ordersLive from '../../migrations/orders-live';
import tpcb from '../../migrations/tpcb';
import { judge } from '../../src/rehearsal/judge';
import { freshDatabase, runSql, startTestPostgres, type TestPostgres } from 'local-aws/testing';
import { ROLES, runAsOwner, sqlOf } from './support';

let server: TestPostgres;

beforeAll(async () => {
  server = await startTestPostgres();
  await runSql(server.superuserUrl, ROLES);
});
afterAll(() => server.stop());

const sourceOf = async (migration: string, rows: number, seed: number): Promise<string> => {
  const url = await freshDatabase(server, 'app_owner');
  await runAsOwner(url, sqlOf(`${migration}/rehearsal.sql`), { rows, seed });
  return url;
};

test('the same rows and seed make the same shop, another seed makes another', async () => {
  const [one, same, other] = await Promise.all([1, 1, 2].map((seed) => sourceOf('orders-live', 2_000, seed)));
  const tables = ordersLive.tables.map((table) => ({ ...table, target: table.source, columns: {} }));
  const differences = async (url: string) =>
    (await judge(one!, url, { tables })).map(({ missing, extra, different }) => missing + extra + different);
  expect(await differences(same!)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  expect((await differences(other!)).filter((count) => count > 0).length).toBeGreaterThanOrEqual(6);
});

test('the shop has about as many rows as requested, in every partition', async () => {
  const url = await sourceOf('orders-live', 10_000, 1);
  const [counts] = await runSql<{ all: number; partitions: number }>(
    url,
    `SELECT ((SELECT count(*) FROM orders) + (SELECT count(*) FROM order_items) + (SELECT count(*) FROM payments)
         + (SELECT count(*) FROM customers) + (SELECT count(*) FROM deliveries))::int AS all,
       (SELECT count(DISTINCT tableoid)::int FROM deliveries) AS partitions`,
  );
  expect(counts!.all / 10_000).toBeGreaterThan(0.9);
  expect(counts!.all / 10_000).toBeLessThan(1.3);
  expect(counts!.partitions).toBe(3);
});

test.each([ordersLive, tpcb])(
  'the target of $name has every mapped table, owned by the application',
  async ({ name, tables }) => {
    const url = await freshDatabase(server, 'app_owner');
    await runAsOwner(url, sqlOf(`${name}/target.sql`), { rows: 1, seed: 1 });
    const found = await runSql<{ name: string; owner: string }>(
      url,
      `SELECT c.oid::regclass::text AS name, c.relowner::regrole::text AS owner FROM pg_class AS c
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace::regnamespace::text IN ('shop', 'bank')`,
    );
    expect(found.map((table) => table.name).sort()).toEqual(tables.map(({ target }) => target).sort());
    expect(new Set(found.map(({ owner }) => owner))).toEqual(new Set(['app_owner']));
  },
);

test("pgbench's tables have the sizes of their scale", async () => {
  const url = await sourceOf('tpcb', 200_000, 1);
  const [counts] = await runSql(
    url,
    `SELECT (SELECT count(*)::int FROM pgbench_accounts) AS accounts, (SELECT count(*)::int FROM pgbench_tellers) AS tellers,
       (SELECT count(*)::int FROM pgbench_branches) AS branches, (SELECT max(bid) FROM pgbench_accounts) AS last`,
  );
  expect(counts).toEqual({ accounts: 200_000, tellers: 20, branches: 2, last: 2 });
});
