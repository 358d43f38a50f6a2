import { spawnSync } from 'node:child_process';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RehearsalRefused } from '../seed/refusal';
import { unusable } from './create-directory';

/** A process; pids are reused, so the start time is part of it. */
interface Owner {
  readonly pid: number;
  readonly startedAt: string;
}

export const LOCK = 'lock';

/**
 * Locks a directory for this process. Takes over the lock of a process that is gone.
 * @returns a function that unlocks it
 * @throws Error if a running process holds the lock
 */
export function lockDirectory(directory: string): () => void {
  const lock = join(directory, LOCK);
  const draft = `${lock}.${process.pid}`;
  const own = JSON.stringify({ pid: process.pid, startedAt: startTimeOf(process.pid) });
  try {
    writeFileSync(draft, own);
  } catch (error) {
    throw unusable(`--state ${directory}`, error, 'name a directory in which you can create files');
  }
  try {
    while (!tryLink(draft, lock)) removeIfDead(lock, directory);
  } finally {
    rmSync(draft, { force: true });
  }
  return () => {
    if (read(lock) === own) rmSync(lock, { force: true });
  };
}

/** Returns the pid of the running process that uses a directory, or undefined. */
export function ownerOf(directory: string): number | undefined {
  const owner = parse(read(join(directory, LOCK)));
  return owner !== undefined && isAlive(owner) ? owner.pid : undefined;
}

/** Creates the lock as a link, which appears with its complete content, so no process reads half a lock. */
function tryLink(draft: string, lock: string): boolean {
  try {
    linkSync(draft, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function removeIfDead(lock: string, directory: string): void {
  const seen = read(lock);
  const owner = parse(seen);
  if (owner !== undefined && isAlive(owner)) {
    throw new RehearsalRefused(
      `${directory} is in use by process ${owner.pid}. Wait for it, stop it (kill ${owner.pid}), or name another --state.`,
    );
  }
  const removed = `${lock}.dead.${process.pid}`;
  try {
    renameSync(lock, removed);
  } catch {
    return; // Another process was faster; the caller tries again.
  }
  // The moved file may be a lock that another process took meanwhile. Then restore it.
  if (read(removed) !== seen) tryLink(removed, lock);
  rmSync(removed, { force: true });
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function parse(text: string | undefined): Owner | undefined {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Owner;
  } catch {
    return undefined;
  }
}

const isAlive = ({ pid, startedAt }: Owner): boolean => startTimeOf(pid) === startedAt;

/** Undefined if the process does not exist. Linux: field 22 of /proc/<pid>/stat, after the name in parentheses. */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    if (process.platform === 'linux') return undefined;
    const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
    return stdout?.trim() || undefined;
  }
}
