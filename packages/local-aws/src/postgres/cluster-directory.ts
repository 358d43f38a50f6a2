/** Creates and opens the directory of one cluster: `data/`, `server.log` and `superuser-password`. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { canEnter, identity, type ServerPrograms } from './binaries';

export const SUPERUSER = 'postgres';

export interface ClusterDirectory {
  readonly dataDirectory: string;
  readonly logFile: string;
  readonly password: string;
}

/**
 * UTF8 with PostgreSQL's own `C.UTF-8` (the `builtin` provider). Its code-point order does not depend on the platform or
 * the installed locales. Aurora's default is libc's en_US.UTF-8; declare a column's collation to test another order.
 */
const INITDB_FLAGS = [
  '--encoding=UTF8',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--locale=C',
  '--auth=scram-sha-256',
  `--username=${SUPERUSER}`,
];

/**
 * Opens the cluster's directory, or creates it with initdb. If the server's user cannot enter it (a project below /root), the
 * data is stored in the temporary directory, and the file `location` in the wanted directory holds its path. Removing the
 * wanted directory therefore always leads to a new cluster.
 */
export async function openClusterDirectory(
  wanted: string,
  programs: ServerPrograms,
  initdbFlags: readonly string[] = [],
): Promise<ClusterDirectory> {
  mkdirSync(wanted, { recursive: true });
  const home = reachableHome(resolve(wanted), programs);
  const dataDirectory = join(home, 'data');
  const passwordFile = join(home, 'superuser-password');
  if (!existsSync(passwordFile)) {
    // This file is written last. Data without it is left from a creation that was interrupted.
    rmSync(dataDirectory, { recursive: true, force: true });
    await createCluster(dataDirectory, passwordFile, programs, initdbFlags);
  }
  const password = readFileSync(passwordFile, 'utf8').trim();
  return { dataDirectory, logFile: join(home, 'server.log'), password };
}

function reachableHome(wanted: string, { user }: ServerPrograms): string {
  const location = join(wanted, 'location');
  if (existsSync(location)) {
    const home = readFileSync(location, 'utf8').trim();
    if (existsSync(home)) return home;
  }
  if (user === undefined || canEnter(wanted, user)) return wanted;
  const home = mkdtempSync(join(tmpdir(), 'local-aws-cluster-'));
  chmodSync(home, 0o755);
  if (!canEnter(home, user)) {
    throw new Error(
      `The user ${user.name}, who runs PostgreSQL because this process is root, can enter neither ${wanted} nor ` +
        `${home}. Choose a state directory, or a TMPDIR, whose parents all have the mode o+x.`,
    );
  }
  writeFileSync(location, `${home}\n`);
  return home;
}

async function createCluster(
  dataDirectory: string,
  passwordFile: string,
  programs: ServerPrograms,
  initdbFlags: readonly string[],
): Promise<void> {
  mkdirSync(dataDirectory, { mode: 0o700 });
  const password = randomBytes(18).toString('base64url');
  const draft = `${passwordFile}.draft`;
  writeFileSync(draft, `${password}\n`, { mode: 0o600 });
  if (programs.user !== undefined) {
    chownSync(dataDirectory, programs.user.uid, programs.user.gid);
    chownSync(draft, programs.user.uid, programs.user.gid);
  }
  const flags = [`--pgdata=${dataDirectory}`, `--pwfile=${draft}`, ...INITDB_FLAGS, ...initdbFlags];
  await runInitdb(programs, flags);
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  rmSync(draft);
}

function runInitdb(programs: ServerPrograms, flags: readonly string[]): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(programs.initdb, flags, {
      cwd: '/',
      ...identity(programs.user),
      env: serverEnvironment(),
    });
    const killWithProcess = (): void => void child.kill();
    process.once('exit', killWithProcess);
    let output = '';
    child.stdout.on('data', (text: Buffer) => (output += text.toString()));
    child.stderr.on('data', (text: Buffer) => (output += text.toString()));
    child.on('error', fail);
    child.on('close', (code) => {
      process.removeListener('exit', killWithProcess);
      if (code === 0) done();
      else fail(new Error(`initdb failed with exit code ${code} (${flags[0]}):\n${output}`));
    });
  });
}

/** Does not inherit this process's environment: the user's PG* variables and locales must not affect the server. */
export function serverEnvironment(): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' };
}
