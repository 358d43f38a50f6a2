/** Observes and stops a server process by its data directory, regardless of which process started it. */
import { readFileSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 10;
const STOP_DEADLINE_MS = 60_000;
const EXIT_DEADLINE_MS = 5_000;

/** The contents of `postmaster.pid`, as PostgreSQL's src/include/utils/pidfile.h defines them. */
export interface PostmasterFile {
  readonly pid: number;
  readonly dataDirectory: string;
  readonly port: number;
  /** True once the server accepts connections. */
  readonly ready: boolean;
}

/** Reads `postmaster.pid`. Returns undefined if it does not exist or is incomplete. */
export function readPostmasterFile(dataDirectory: string): PostmasterFile | undefined {
  let text: string;
  try {
    text = readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8');
  } catch {
    return undefined;
  }
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 1 || lines[1] === undefined) return undefined;
  return { pid, dataDirectory: lines[1], port: Number(lines[3] ?? 0), ready: lines[7]?.trim() === 'ready' };
}

/** Returns true if the process is the server of this data directory. The pid alone proves nothing: pids are reused. */
export function isServerOf(pid: number, dataDirectory: string): boolean {
  const words = commandLine(pid);
  return words.includes(dataDirectory) && /postgres/.test(words);
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '';
  }
}

/**
 * Stops a server that outlived the process that started it. Does nothing if no server runs on this directory. If the pid
 * in the pid file now belongs to an unrelated process (after a reboot), it removes the file, because PostgreSQL would
 * refuse to start. If the process no longer exists, PostgreSQL handles the file, and also checks for orphaned backends.
 */
export async function stopLeftover(dataDirectory: string): Promise<void> {
  const file = readPostmasterFile(dataDirectory);
  if (file === undefined || file.dataDirectory !== dataDirectory) return;
  if (isServerOf(file.pid, dataDirectory)) await signalAndWait(file.pid, dataDirectory, 'SIGINT');
  else if (commandLine(file.pid) !== '') rmSync(join(dataDirectory, 'postmaster.pid'));
}

/**
 * Shuts the server down: fast by SIGINT, immediately by SIGQUIT (the next start recovers).
 * @throws Error if the server still runs after a minute
 */
export async function signalAndWait(
  pid: number,
  dataDirectory: string,
  signal: 'SIGINT' | 'SIGQUIT',
): Promise<void> {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  const deadline = Date.now() + STOP_DEADLINE_MS;
  while (isServerOf(pid, dataDirectory)) {
    if (Date.now() > deadline) {
      throw new Error(
        `PostgreSQL (pid ${pid}, ${dataDirectory}) did not stop within ${STOP_DEADLINE_MS / 1000} s of ${signal}. ` +
          `See server.log next to the data directory, then stop it with "kill -QUIT ${pid}".`,
      );
    }
    await sleep(POLL_MS);
  }
}

/**
 * Shuts the server of a data directory down immediately. It blocks the event loop while it waits, for five seconds at most,
 * because its caller is a process that exits.
 */
export function stopImmediately(dataDirectory: string): void {
  const pid = readPostmasterFile(dataDirectory)?.pid;
  if (pid === undefined || !isServerOf(pid, dataDirectory)) return;
  try {
    process.kill(pid, 'SIGQUIT');
  } catch {
    return; // The server has exited.
  }
  const neverNotified = new Int32Array(new SharedArrayBuffer(4));
  for (const deadline = Date.now() + EXIT_DEADLINE_MS; Date.now() < deadline;) {
    if (!isServerOf(pid, dataDirectory)) return;
    Atomics.wait(neverNotified, 0, 0, POLL_MS);
  }
}
