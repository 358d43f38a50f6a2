import { aliasDatabase } from '../../../src/rehearsal/rehearse/database-alias';
import { Client } from 'pg';
import { freshDatabase, runSql, startTestPostgres, type TestPostgres } from 'local-aws/testing';

let server: TestPostgres;

beforeAll(async () => {
  server = await startTestPostgres();
});
afterAll(() => server.stop());

test('serves a database under another name, and forwards everything else unchanged', async () => {
  const real = new URL(await freshDatabase(server));
  const database = real.pathname.slice(1);
  const { host, port } = server;
  const alias = await aliasDatabase({ host, port, alias: 'shöp', database });
  const at = (name: string): string => {
    const url = new URL(real);
    url.port = String(alias.port);
    url.pathname = `/${encodeURIComponent(name)}`;
    return url.toString();
  };
  try {
    expect(await runSql(at('shöp'), 'SELECT current_database() AS name')).toEqual([{ name: database }]);
    await runSql(at('shöp'), `CREATE TABLE t AS SELECT repeat('🦊', 1000000) AS big`);
    expect(await runSql(at('postgres'), 'SELECT current_database() AS name')).toEqual([{ name: 'postgres' }]);
    await expect(runSql(at('nowhere'), 'SELECT 1')).rejects.toThrow(/database "nowhere" does not exist/);
    const [row] = await runSql<{ big: string }>(at('shöp'), 'SELECT big FROM t');
    expect(row!.big).toBe('🦊'.repeat(1_000_000));
  } finally {
    await alias.close();
  }
});

test('closing the alias ends its sessions', async () => {
  const { host, port } = server;
  const alias = await aliasDatabase({ host, port, alias: 'x', database: 'postgres' });
  const url = new URL(server.superuserUrl);
  url.port = String(alias.port);
  url.pathname = '/x';
  const client = new Client({ connectionString: url.toString() });
  const lost = new Promise((done) => client.once('error', done));
  await client.connect();
  await alias.close();
  expect(await lost).toBeInstanceOf(Error);
});
