import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lookAtGiven } from '../../../src/rehearsal/rehearse/given-servers';
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

/** What is told of two URLs, a line for each problem. */
const told = async (sourceUrl: string | null, targetUrl: string | null): Promise<string[]> => {
  const refusal: unknown = await lookAtGiven({ sourceUrl, targetUrl }).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(RehearsalRefused);
  return (refusal as RehearsalRefused).message.split('\n');
};
const portOf = (url: string): string => new URL(url).port;

test('both servers are told, by host and port, with the remedy and without a password', async () => {
  const missing = databaseUrl(server.superuserUrl, 'nothing');
  const lines = await told(nowhere, missing);
  expect(lines).toEqual([
    `--source-url cannot be used: nothing listens at 127.0.0.1:${portOf(nowhere)}; start the server there, or correct host and port`,
    `--target-url cannot be used: 127.0.0.1:${server.port} has no database nothing; make it, or name one that is there`,
  ]);
});

test('logins that are refused or may not do everything are named', async () => {
  const url = await freshDatabase(server);
  await runSql(url, "CREATE ROLE small LOGIN PASSWORD 'small'");
  const lines = await told(loginUrl(url, 'small', 'small'), loginUrl(url, 'postgres', 'guessed'));
  expect(lines).toEqual([
    `--source-url cannot be used: login small of 127.0.0.1:${server.port} is not a superuser; give one, on a server that may be thrown away`,
    expect.stringMatching(
      new RegExp(
        `^--target-url cannot be used: 127\\.0\\.0\\.1:${server.port} refuses login postgres \\(.*\\); correct login and password$`,
      ),
    ),
  ]);
  expect(lines.join()).not.toContain('guessed');
});

test('a host that is not, and one that speaks something else', async () => {
  const other: Server = createServer((socket) => void socket.end('HTTP/1.1 400 Bad Request'));
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
  const { port } = other.address() as AddressInfo;
  const lines = await told(
    'postgres://u:hidden@no-such-host.invalid/shop',
    `postgres://u:hidden@127.0.0.1:${port}/shop`,
  ).finally(() => other.close());
  expect(lines).toEqual([
    expect.stringMatching(
      /^--source-url cannot be used: host no-such-host\.invalid cannot be found \(E\w+\)/,
    ),
    expect.stringMatching(
      new RegExp(`^--target-url cannot be used: 127.0.0.1:${port} reports: .*; give a Post`),
    ),
  ]);
  expect(lines.join()).not.toContain('hidden');
});

test('one database for both is refused; two of one server are found', async () => {
  const [one, other] = [await freshDatabase(server), await freshDatabase(server)];
  expect(await told(one, one.replace('127.0.0.1', 'localhost'))).toEqual([
    'source and target are one database; name another one with --target-url or --source-url',
  ]);
  const found = await lookAtGiven({ sourceUrl: one, targetUrl: other });
  expect(found.source).toMatchObject({
    url: one,
    port: server.port,
    database: new URL(one).pathname.slice(1),
  });
  expect(found.target?.identity).toBe(found.source?.identity);
  expect(await lookAtGiven({ sourceUrl: null, targetUrl: null })).toEqual({ source: null, target: null });
});

test('nothing is begun before servers that cannot be used: the directory takes others', async () => {
  const statePath = mkdtempSync(join(tmpdir(), 'sluice-given-test-'));
  const endpoint = { clusterArn: 'c', database: 'shop', ownerSecretArn: 'o', workerSecretArn: 'w' };
  const migration = { name: 'orders', shape: 'offline', tables: [] } as const;
  const opened = openRehearsal(
    // A project without anything to synthesize.
    { projectRoot: statePath, statePath, resume: true, keep: false, plan: { sourceUrl: nowhere } },
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
  await expect(opened).rejects.toThrow(/--source-url cannot be used: nothing listens/);
  expect(readdirSync(statePath)).toEqual([]);
  rmSync(statePath, { recursive: true });
});
