import { existsSync } from 'node:fs';

import { freshDatabase, runSql, startTestPostgres, type TestPostgres } from '../../src/testing/postgres';

let server: TestPostgres;
beforeAll(async () => {
  server = await startTestPostgres();
});
afterAll(() => server.stop());

test('each test gets its own database, in UTF8 and code-point order', async () => {
  const [one, other] = await Promise.all([freshDatabase(server), freshDatabase(server)]);
  await runSql(one, 'create table only_here (id int)');
  await expect(runSql(other, 'select * from only_here')).rejects.toThrow(
    'relation "only_here" does not exist',
  );
  const rows = await runSql(
    one,
    `select word from (values ('b'), ('é'), ('Z'), ('a')) v (word) order by word`,
  );
  expect(rows.map((row) => row['word'] as string)).toEqual(['Z', 'a', 'b', 'é']);
});

test('a stopped test server leaves no data and no process', async () => {
  const brief = await startTestPostgres();
  await brief.stop();
  expect(existsSync(brief.dataDirectory)).toBe(false);
  expect(() => process.kill(brief.pid, 0)).toThrow('ESRCH');
});
