/** Starts and stops one PostgreSQL server on this machine. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { findPrograms, identity, type ServerPrograms } from './binaries';
import {
  openClusterDirectory,
  serverEnvironment,
  SUPERUSER,
  type ClusterDirectory,
} from './cluster-directory';
import { readPostmasterFile, signalAndWait, stopLeftover } from './postmaster';

export interface PostgresOptions {
  /** The directory of the cluster. Created if it does not exist. */
  readonly directory: string;
  /** @default a free port */
  readonly port?: number;
  /** Server settings that override {@link SETTINGS}. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Additional flags of initdb for a new cluster, e.g. `--no-sync`. */
  readonly initdbFlags?: readonly string[];
}

export interface PostgresServer {
  readonly host: string;
  readonly port: number;
  /** pid of the postmaster. */
  readonly pid: number;
  readonly superuserUrl: string;
  /** The actual data directory. It is elsewhere if the server's user could not enter the wanted directory. */
  readonly dataDirectory: string;
  /** Fast shutdown: rolls back open transactions and disconnects clients. Does nothing if already stopped. */
  stop(): Promise<void>;
  /** Immediate shutdown without a checkpoint: the next start recovers from the WAL, as after a power failure. */
  crash(): Promise<void>;
}

/** Durability is the default (`fsync` on). Logical decoding is on, as in a cluster with `rds.logical_replication`. */
export const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '256MB',
  max_connections: '100',
  wal_level: 'logical',
  max_wal_size: '4GB',
  timezone: 'UTC',
};

const HOST = '127.0.0.1';
const START_DEADLINE_MS = 60_000;
const START_ATTEMPTS = 5;
const POLL_MS = 5;
/** Log messages of transient failures: the port is in use, or backends of a killed server are still exiting. */
const TRANSIENT = /could not bind|Address already in use|pre-existing shared memory block/;

/**
 * Starts the server and waits until it accepts connections. First it stops a server that a killed process left running on
 * the same directory. If this process is killed, its server outlives it too, and the next start stops that one.
 *
 * @throws Error with the end of the server's log if it does not start
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const programs = findPrograms();
  const cluster = await openClusterDirectory(options.directory, programs, options.initdbFlags);
  await stopLeftover(cluster.dataDirectory);
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort());
    const failure = await launch(programs, cluster, port, { ...SETTINGS, ...options.settings });
    if (typeof failure !== 'string') return serverOf(failure, cluster, port);
    if (attempt === START_ATTEMPTS || !TRANSIENT.test(failure)) {
      throw new Error(`PostgreSQL did not start on port ${port} with ${cluster.dataDirectory}:\n${failure}`);
    }
    await sleep(200);
  }
}

/** Returns the child once it is ready, or its log if it does not start. */
async function launch(
  programs: ServerPrograms,
  cluster: ClusterDirectory,
  port: number,
  settings: Readonly<Record<string, string>>,
): Promise<ChildProcess | string> {
  const log = openSync(cluster.logFile, 'a');
  const logStart = readFileSync(cluster.logFile).length;
  const flags = Object.entries({ ...settings, port: String(port) }).flatMap(([key, value]) => [
    '-c',
    `${key}=${value}`,
  ]);
  // Detached, so that Ctrl-C signals only this process, which decides when its server stops.
  const child = spawn(programs.postgres, ['-D', cluster.dataDirectory, ...flags], {
    cwd: '/',
    detached: true,
    stdio: ['ignore', log, log],
    env: serverEnvironment(),
    ...identity(programs.user),
  });
  closeSync(log);
  child.unref();
  const stopWithProcess = (): void => void child.kill('SIGINT');
  const logTail = (): string => readFileSync(cluster.logFile).subarray(logStart).toString();
  let spawnFailure: Error | undefined;
  child.on('error', (error) => (spawnFailure = error));
  child.once('exit', () => process.removeListener('exit', stopWithProcess));
  process.once('exit', stopWithProcess);
  for (const deadline = Date.now() + START_DEADLINE_MS; ; await sleep(POLL_MS)) {
    if (spawnFailure !== undefined) return spawnFailure.message;
    if (child.exitCode !== null || child.signalCode !== null) return logTail();
    const file = readPostmasterFile(cluster.dataDirectory);
    if (file?.pid === child.pid && file?.ready === true) return child;
    if (Date.now() > deadline) {
      child.kill('SIGQUIT');
      return `not ready within ${START_DEADLINE_MS / 1000} s\n${logTail()}`;
    }
  }
}

function serverOf(child: ChildProcess, cluster: ClusterDirectory, port: number): PostgresServer {
  const pid = child.pid ?? 0;
  const end = async (signal: 'SIGINT' | 'SIGQUIT'): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    const exited = once(child, 'exit');
    await signalAndWait(pid, cluster.dataDirectory, signal);
    await exited;
  };
  return {
    host: HOST,
    port,
    pid,
    superuserUrl: `postgres://${SUPERUSER}:${cluster.password}@${HOST}:${port}/postgres`,
    dataDirectory: cluster.dataDirectory,
    stop: () => end('SIGINT'),
    crash: () => end('SIGQUIT'),
  };
}

/** Returns a port that is free now. Another process may take it, so the caller must be prepared to retry. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', fail);
    probe.listen(0, HOST, () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => done(port));
    });
  });
}
