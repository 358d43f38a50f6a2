/**
 * A real PostgreSQL server for a test file, ready in a fraction of a second.
 *
 * ```ts
 * let server: TestPostgres;
 * beforeAll(async () => { server = await startTestPostgres(); });
 * afterAll(() => server.stop());
 * test('...', async () => {
 *   const url = await freshDatabase(server); // postgres://postgres:...@127.0.0.1:port/test_1, superuser
 *   await runSql(url, 'create table t (id int primary key)');
 * });
 * ```
 *
 * Start one server per test file, not per test; give each test its own database. `stop` removes everything. Servers
 * of test runs that were killed are found and removed by the next run (`run-directory.ts`).
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { escapeIdentifier, escapeLiteral } from 'pg';

import { createDatabase, loginUrl, runSql, startPostgres, type PostgresServer } from '../postgres';
import { findPrograms } from '../postgres/binaries';
import { openClusterDirectory } from '../postgres/cluster-directory';
import { runDirectory } from './run-directory';

export { createDatabase, databaseUrl, loginUrl, runSql } from '../postgres';

export interface TestPostgres extends PostgresServer {
  /** Immediate shutdown, and the data is removed. */
  stop(): Promise<void>;
}

/** Durability is off and memory is small, because a test's data need not survive. */
const TEST_SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '32MB',
  max_wal_size: '256MB',
};

/** Starts a server on a copy of a cluster; initdb runs once per test run. */
export async function startTestPostgres(
  settings: Readonly<Record<string, string>> = {},
): Promise<TestPostgres> {
  const directory = mkdtempSync(join(runDirectory(), 'server-'));
  chmodSync(directory, 0o755);
  await copyCluster(directory);
  const server = await startPostgres({ directory, settings: { ...TEST_SETTINGS, ...settings } });
  const stop = async (): Promise<void> => {
    await server.crash();
    rmSync(directory, { recursive: true, force: true });
  };
  return { ...server, stop };
}

/** Copies a new cluster to an empty directory, so that `startPostgres` does not run initdb. */
export async function copyCluster(directory: string): Promise<void> {
  execFileSync('cp', ['-a', `${await template()}/.`, directory]);
}

let databases = 0;

/** Creates an empty database with a unique name. @returns its URL as the superuser */
export async function freshDatabase(server: PostgresServer, owner?: string): Promise<string> {
  databases += 1;
  return createDatabase(server.superuserUrl, `test_${process.pid}_${databases}`, owner);
}

/**
 * Creates an ordinary login. Roles belong to the server, not to the database: give each test's roles unique names.
 * @param attributes e.g. `replication`
 * @returns the URL as that login
 */
export async function createLogin(url: string, name: string, attributes = ''): Promise<string> {
  const password = `${name}-password`;
  await runSql(
    url,
    `create role ${escapeIdentifier(name)} login ${attributes} password ${escapeLiteral(password)}`,
  );
  return loginUrl(url, name, password);
}

async function template(): Promise<string> {
  const programs = findPrograms();
  const home = join(runDirectory(), 'cluster');
  if (existsSync(home)) return home;
  const draft = mkdtempSync(`${home}-`);
  chmodSync(draft, 0o755);
  await openClusterDirectory(draft, programs, ['--no-sync', '--wal-segsize=1']);
  try {
    renameSync(draft, home);
  } catch {
    // Another jest worker was faster; its template is the same.
    rmSync(draft, { recursive: true, force: true });
  }
  return home;
}
