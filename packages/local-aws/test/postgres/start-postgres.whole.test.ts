import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { createDatabase, loginUrl, runSql, startPostgres, type PostgresServer } from '../../src/postgres';
import { isServerOf } from '../../src/postgres/postmaster';
import { copyCluster } from '../../src/testing/postgres';

let directory: string;
const running: PostgresServer[] = [];

const start = async (where = directory): Promise<PostgresServer> => {
  const server = await startPostgres({ directory: where });
  running.push(server);
  return server;
};

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'local-aws-postgres-test-'));
  chmodSync(directory, 0o755);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
  rmSync(directory, { recursive: true, force: true });
});

test('a new cluster is durable, supports logical decoding, and requires its password', async () => {
  const server = await start();
  const settings = await runSql<{ name: string; setting: string }>(
    server.superuserUrl,
    `select name, setting from pg_settings
      where name in ('fsync', 'synchronous_commit', 'wal_level', 'max_connections', 'server_encoding', 'TimeZone')`,
  );
  expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
    fsync: 'on',
    synchronous_commit: 'on',
    wal_level: 'logical',
    max_connections: '100',
    server_encoding: 'UTF8',
    TimeZone: 'UTC',
  });
  const guess = loginUrl(server.superuserUrl, 'postgres', 'postgres');
  await expect(runSql(guess, 'select 1')).rejects.toThrow('password authentication failed');
});

test('a stopped or crashed cluster starts again with its databases', async () => {
  await copyCluster(directory);
  const first = await start();
  const url = await createDatabase(first.superuserUrl, 'shop');
  await runSql(url, 'create table orders as select 1 as id');
  await first.stop();
  await first.stop();
  const second = await start();
  await runSql(await createDatabase(second.superuserUrl, 'shop'), 'insert into orders values (2)');
  await second.crash();
  const third = await start();
  const rows = await runSql(
    await createDatabase(third.superuserUrl, 'shop'),
    'select id from orders order by id',
  );
  expect(rows).toEqual([{ id: 1 }, { id: 2 }]);
  expect(readFileSync(join(dirname(third.dataDirectory), 'server.log'), 'utf8')).toContain(
    'automatic recovery',
  );
});

test('a server that outlived its killed parent is stopped and replaced', async () => {
  await copyCluster(directory);
  const starter = fork(join(__dirname, 'starter.ts'), [directory], { execArgv: ['--import', 'tsx'] });
  const [left] = (await once(starter, 'message')) as [{ pid: number; superuserUrl: string }];
  const dataDirectory = join(directory, 'data');
  expect(isServerOf(left.pid, dataDirectory)).toBe(true);
  await runSql(left.superuserUrl, 'create table kept as select 7 as id');
  starter.kill('SIGKILL');
  await once(starter, 'exit');
  expect(await runSql(left.superuserUrl, 'select id from kept')).toEqual([{ id: 7 }]);

  const server = await start();
  expect(server.pid).not.toBe(left.pid);
  expect(isServerOf(left.pid, dataDirectory)).toBe(false);
  expect(await runSql(server.superuserUrl, 'select id from kept')).toEqual([{ id: 7 }]);
});

test('a process whose pid is in a stale pid file is not signalled', async () => {
  await copyCluster(directory);
  const first = await start();
  await first.crash();
  const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  try {
    const pidFile = join(first.dataDirectory, 'postmaster.pid');
    writeFileSync(pidFile, `${bystander.pid}\n${first.dataDirectory}\n1\n5432\n\n127.0.0.1\n0 0\nready\n`);
    const server = await start();
    expect(bystander.exitCode).toBeNull();
    expect(await runSql(server.superuserUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  } finally {
    bystander.kill('SIGKILL');
  }
});

test('two clusters run concurrently', async () => {
  const homes = ['one', 'other'].map((name) => join(directory, name));
  for (const home of homes) {
    mkdirSync(home);
    await copyCluster(home);
  }
  const [one, other] = (await Promise.all(homes.map(start))) as [PostgresServer, PostgresServer];
  expect(one.port).not.toBe(other.port);
  await createDatabase(one.superuserUrl, 'shop');
  expect(await runSql(other.superuserUrl, `select 1 from pg_database where datname = 'shop'`)).toEqual([]);
});

test('data is stored in the temporary directory if the server user cannot enter the wanted one', async () => {
  const closed = mkdtempSync(join(directory, 'private-'));
  const wanted = join(closed, 'cluster');
  const server = await start(wanted);
  const home = dirname(server.dataDirectory);
  try {
    // Only root runs the server as another user; any other user can enter its own private directories.
    expect(home === wanted).toBe(process.getuid?.() !== 0);
    await server.stop();
    expect((await start(wanted)).dataDirectory).toBe(server.dataDirectory);
    expect(existsSync(server.dataDirectory)).toBe(true);
  } finally {
    await Promise.all(running.splice(0).map((each) => each.stop()));
    rmSync(home, { recursive: true, force: true });
  }
});

test('an error reports why the server does not start', async () => {
  await copyCluster(directory);
  const options = { directory, settings: { shared_buffers: 'plenty' } };
  await expect(startPostgres(options)).rejects.toThrow(
    'invalid value for parameter "shared_buffers": "plenty"',
  );
});
