/** The life of a server process as its data directory tells it, whoever started it. */
import { readFileSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 10;
const STOP_DEADLINE_MS = 60_000;
const END_DEADLINE_MS = 5_000;

/** Contents of `postmaster.pid`; line numbers from PostgreSQL's src/include/utils/pidfile.h. */
export interface PostmasterFile {
  readonly pid: number;
  readonly dataDirectory: string;
  readonly port: number;
  /** True once connections are accepted. */
  readonly ready: boolean;
}

/** Undefined if the directory has no such file, or only half of one. */
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

/** True if the process exists and is the server of this data directory; pids are reused, so the pid alone says nothing. */
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
 * Stops a server that outlived the process that started it. Does nothing if none runs on this directory. A pid file
 * whose pid now belongs to an unrelated process (after a restart of the machine) is removed, because PostgreSQL would
 * refuse to start; one whose process is gone is left to PostgreSQL, which then also looks for orphaned backends.
 */
export async function stopLeftover(dataDirectory: string): Promise<void> {
  const file = readPostmasterFile(dataDirectory);
  if (file === undefined || file.dataDirectory !== dataDirectory) return;
  if (isServerOf(file.pid, dataDirectory)) await signalAndWait(file.pid, dataDirectory, 'SIGINT');
  else if (commandLine(file.pid) !== '') rmSync(join(dataDirectory, 'postmaster.pid'));
}

/**
 * SIGINT is a fast shutdown, SIGQUIT an immediate one (recovery at the next start).
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
          `See its log beside the data directory, then end it with "kill -QUIT ${pid}".`,
      );
    }
    await sleep(POLL_MS);
  }
}

/**
 * Ends the server of a data directory by an immediate shutdown and waits for that without giving the event loop a turn:
 * for a process that exits. Goes back after five seconds in any case.
 */
export function endNow(dataDirectory: string): void {
  const pid = readPostmasterFile(dataDirectory)?.pid;
  if (pid === undefined || !isServerOf(pid, dataDirectory)) return;
  try {
    process.kill(pid, 'SIGQUIT');
  } catch {
    return; // It is gone.
  }
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  for (const deadline = Date.now() + END_DEADLINE_MS; Date.now() < deadline;) {
    if (!isServerOf(pid, dataDirectory)) return;
    Atomics.wait(nobody, 0, 0, POLL_MS);
  }
}
