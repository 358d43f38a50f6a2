/** A rehearsal's test writes, on tables that an application uses meanwhile. */
import { Client } from 'pg';
import { probeWrites } from '../../../src/rehearsal/rehearse/probe';
import { freshDatabase, loginUrl, runSql, startTestPostgres, type TestPostgres } from 'local-aws/testing';

let server: TestPostgres;
beforeAll(async () => {
  server = await startTestPostgres();
  await runSql(server.superuserUrl, "CREATE ROLE app LOGIN PASSWORD 'app'");
});
afterAll(() => server.stop());

test('a row that moves to another partition meanwhile is tried again', async () => {
  const url = await freshDatabase(server);
  await runSql(
    url,
    `CREATE TABLE t (id int) PARTITION BY LIST (id);
     CREATE TABLE t_1 PARTITION OF t FOR VALUES IN (1); CREATE TABLE t_2 PARTITION OF t FOR VALUES IN (2);
     INSERT INTO t VALUES (1)`,
  );
  const application = new Client({ connectionString: url });
  await application.connect();
  await application.query('BEGIN');
  await application.query('UPDATE t SET id = 2');
  const probing = probeWrites('source', { admin: url, app: loginUrl(url, 'app', 'app') }, ['public.t']);
  const isWaiting = async () =>
    (
      await runSql<{ n: number }>(
        url,
        `SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = 'app' AND wait_event_type = 'Lock' AND datname = current_database()`,
      )
    )[0]!.n;
  while ((await isWaiting()) === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  await application.query('COMMIT');
  await application.end();
  expect(await probing).toEqual([{ side: 'source', table: 'public.t', outcome: 'accepted', message: null }]);
});
