import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkUserServers } from '../../../src/rehearsal/rehearse/user-servers';
import { openRehearsal } from '../../../src/rehearsal/rehearse/open';
import { freePort } from 'local-aws';
import { RehearsalRefused } from '../../../src/rehearsal/seed/refusal';
import { databaseUrl, freshDatabase, loginUrl, runSql, startTestPostgres } from 'local-aws/testing';

let server: Awaited<ReturnType<typeof startTestPostgres>>;
let nowhere: string;
beforeAll(async () => {
  server = await startTestPostgres();
  nowhere = `postgres://postgres:hidden@127.0.0.1:${await freePort()}/shop`;
});
afterAll(() => server.stop());

/** Returns the problems of two URLs, a line for each. */
const problemsOf = async (
  sourceUrl: string | null,
  targetUrl: string | null,
  oneDatabase = false,
): Promise<string[]> => {
  const refusal: unknown = await checkUserServers({ sourceUrl, targetUrl }, oneDatabase).catch(
    (error: unknown) => error,
  );
  expect(refusal).toBeInstanceOf(RehearsalRefused);
  return (refusal as RehearsalRefused).message.split('\n');
};
const portOf = (url: string): string => new URL(url).port;

test('reports the problems of both servers, with host, port and remedy, and without a password', async () => {
  const missing = databaseUrl(server.superuserUrl, 'nothing');
  const lines = await problemsOf(nowhere, missing);
  expect(lines).toEqual([
    `--source-url cannot be used: no server listens at 127.0.0.1:${portOf(nowhere)}; start it, or correct host and port`,
    `--target-url cannot be used: 127.0.0.1:${server.port} has no database nothing; create it, or name an existing one`,
  ]);
});

test('names logins that the server refuses, and logins that are not superusers', async () => {
  const url = await freshDatabase(server);
  await runSql(url, "CREATE ROLE small LOGIN PASSWORD 'small'");
  const lines = await problemsOf(loginUrl(url, 'small', 'small'), loginUrl(url, 'postgres', 'guessed'));
  expect(lines).toEqual([
    `--source-url cannot be used: login small of 127.0.0.1:${server.port} is not a superuser; name a superuser of a disposable server`,
    expect.stringMatching(
      new RegExp(
        `^--target-url cannot be used: 127\\.0\\.0\\.1:${server.port} refuses login postgres \\(.*\\); correct login and password$`,
      ),
    ),
  ]);
  expect(lines.join()).not.toContain('guessed');
});

test('names a host that does not exist, and a server that is not PostgreSQL', async () => {
  const other: Server = createServer((socket) => void socket.end('HTTP/1.1 400 Bad Request'));
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
  const { port } = other.address() as AddressInfo;
  const lines = await problemsOf(
    'postgres://u:hidden@no-such-host.invalid/shop',
    `postgres://u:hidden@127.0.0.1:${port}/shop`,
  ).finally(() => other.close());
  expect(lines).toEqual([
    expect.stringMatching(
      /^--source-url cannot be used: host no-such-host\.invalid cannot be found \(E\w+\)/,
    ),
    expect.stringMatching(
      new RegExp(`^--target-url cannot be used: the connection to 127.0.0.1:${port} failed: .*; name a Post`),
    ),
  ]);
  expect(lines.join()).not.toContain('hidden');
});

test('refuses one database for both sides, and accepts two of one server', async () => {
  const [one, other] = [await freshDatabase(server), await freshDatabase(server)];
  expect(await problemsOf(one, one.replace('127.0.0.1', 'localhost'))).toEqual([
    'source and target are the same database; name another one with --source-url or --target-url',
  ]);
  const found = await checkUserServers({ sourceUrl: one, targetUrl: other }, false);
  expect(found.source).toMatchObject({
    url: one,
    port: server.port,
    database: new URL(one).pathname.slice(1),
  });
  expect(found.target?.identity).toBe(found.source?.identity);
  expect(await checkUserServers({ sourceUrl: null, targetUrl: null }, false)).toEqual({
    source: null,
    target: null,
  });
});

test('accepts one URL, or one database by two, for a definition within one database', async () => {
  const [one, other] = [await freshDatabase(server), await freshDatabase(server)];
  for (const given of [
    { sourceUrl: one, targetUrl: null },
    { sourceUrl: null, targetUrl: one },
    { sourceUrl: one, targetUrl: one },
  ]) {
    const { source, target } = await checkUserServers(given, true);
    expect(source?.url).toBe(one);
    expect(target).toEqual(source);
  }
  expect(await problemsOf(one, other, true)).toEqual([
    'source and target of the definition are one database, but --source-url and --target-url are two; name it with one of them',
  ]);
});

test('creates no files before the servers are checked, so the directory accepts other URLs', async () => {
  const statePath = mkdtempSync(join(tmpdir(), 'sluice-given-test-'));
  const endpoint = {
    clusterArn: 'c',
    database: 'shop',
    ownerSecretArn: 'o',
    controlSecretArn: 'c',
    workerSecretArn: 'w',
    verifierSecretArn: 'v',
  };
  const migration = { name: 'orders', shape: 'offline', tables: [] } as const;
  const opened = openRehearsal(
    // A project without anything to synthesize.
    { projectRoot: statePath, statePath, resume: false, keep: false, plan: { sourceUrl: nowhere } },
    {
      operatorOf: () => {
        throw new Error('no operator is needed');
      },
      loadMigration: () => ({ ...migration, source: { dev: endpoint }, target: { dev: endpoint } }),
      note: () => undefined,
      now: Date.now,
      sleep: () => Promise.resolve(),
      interrupted: new AbortController().signal,
    },
  );
  await expect(opened).rejects.toThrow(/--source-url cannot be used: no server listens/);
  expect(readdirSync(statePath)).toEqual([]);
  rmSync(statePath, { recursive: true });
});
