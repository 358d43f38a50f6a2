/** The writers in a process of their own: what they measure must not wait for the engine's work, nor the engine for theirs. */
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Side } from '../../contract/sides';
import { Link } from './link';
import type { Comparison, LiveOptions, Progress } from './live-workload';

export interface ForkOptions extends Omit<LiveOptions, 'workload' | 'askRoute'> {
  /** The file that exports the workload. */
  readonly file: string;
  readonly migration: string;
  readonly controlTable: string;
  /** Variables that point SDK clients at the control table. */
  readonly environment: Readonly<Record<string, string>>;
  /** Multiplies the pauses between transactions; 0: full speed. @default 1 */
  readonly pace?: number;
}

/** Messages from the parent. */
export type WorkloadRequest =
  | { readonly kind: 'open'; readonly options: ForkOptions }
  | { readonly kind: 'start' | 'progress' | 'stop' }
  | { readonly kind: 'compare'; readonly owner: Side };

/** Messages from the child. */
export type WorkloadResponse =
  | { readonly kind: 'done' }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'comparison'; readonly comparison: Comparison }
  | { readonly kind: 'failed'; readonly message: string };

/** `LiveWorkload`, over there. */
export interface ForkedWorkload {
  readonly pid: number;
  start(): Promise<void>;
  stop(): Promise<void>;
  progress(): Promise<Progress>;
  compare(owner: Side): Promise<Comparison>;
  /** Ends the process, whatever it does. */
  close(): Promise<void>;
}

/** Where a migration's workload is, if it has one. */
export function workloadFile(projectRoot: string, migration: string): string | null {
  const file = join(projectRoot, 'migrations', migration, 'workload.ts');
  return existsSync(file) ? file : null;
}

/** @throws Error if the workload cannot be loaded or its rows cannot be drawn */
export async function forkWorkload(options: ForkOptions): Promise<ForkedWorkload> {
  const child = fork(join(__dirname, 'child.ts'), {
    // `--import` is resolved from the working directory, which must be one that sees the project's packages.
    cwd: join(__dirname, '../../..'),
    execArgv: ['--import', 'tsx'],
    // A workload may print; stdout is only for the result of the rehearsal.
    stdio: ['ignore', process.stderr.fd, 'inherit', 'ipc'],
  });
  const link = new Link<WorkloadRequest, WorkloadResponse>(child, 'The process of the writers');
  const send = async <K extends WorkloadResponse['kind']>(
    request: WorkloadRequest,
    kind: K,
  ): Promise<WorkloadResponse & { kind: K }> => {
    const response = await link.send(request);
    if (response.kind === 'failed') throw new Error(response.message);
    if (response.kind !== kind) throw new Error(`the writers responded with ${response.kind}, not ${kind}`);
    return response as WorkloadResponse & { kind: K };
  };
  const close = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await exited;
  };
  try {
    await send({ kind: 'open', options }, 'done');
  } catch (error) {
    await close();
    throw error;
  }
  return {
    pid: child.pid ?? 0,
    start: async () => void (await send({ kind: 'start' }, 'done')),
    stop: async () => void (await send({ kind: 'stop' }, 'done')),
    progress: async () => (await send({ kind: 'progress' }, 'progress')).progress,
    compare: async (owner) => (await send({ kind: 'compare', owner }, 'comparison')).comparison,
    close,
  };
}
