/** Runs the writers in a child process, so that the engine does not delay their measurements, nor they the engine. */
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Side } from '../../contract/sides';
import { ChildLink } from './child-link';
import type { Comparison, LiveOptions, Progress } from './live-workload';

export interface ForkOptions extends Omit<LiveOptions, 'workload' | 'readRoute'> {
  /** The file that exports the workload. */
  readonly file: string;
  readonly migration: string;
  readonly controlTable: string;
  /** Variables that point SDK clients at the control table. */
  readonly environment: Readonly<Record<string, string>>;
  /** Multiplies the pauses between transactions; 0: full speed. @default 1 */
  readonly pace?: number;
}

/** A message of the parent to the child. */
export type ChildRequest =
  | { readonly kind: 'open'; readonly options: ForkOptions }
  | { readonly kind: 'start' | 'progress' | 'stop' }
  | { readonly kind: 'compare'; readonly owner: Side };

/** The child's response to a request. */
export type ChildResponse =
  | { readonly kind: 'done' }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'comparison'; readonly comparison: Comparison }
  | { readonly kind: 'failed'; readonly message: string };

/** The methods of `LiveWorkload` in the child process. */
export interface ForkedWorkload {
  readonly pid: number;
  start(): Promise<void>;
  stop(): Promise<void>;
  progress(): Promise<Progress>;
  compare(owner: Side): Promise<Comparison>;
  /** Kills the process. */
  close(): Promise<void>;
}

/** Returns the path of a migration's workload; null if it does not have one. */
export function workloadFile(projectRoot: string, migration: string): string | null {
  const file = join(projectRoot, 'migrations', migration, 'workload.ts');
  return existsSync(file) ? file : null;
}

/** @throws Error if the workload cannot be loaded, or its initial rows cannot be read */
export async function forkWorkload(options: ForkOptions): Promise<ForkedWorkload> {
  const child = fork(join(__dirname, 'child.ts'), {
    // Node resolves `--import` from the working directory, which must be inside the project.
    cwd: join(__dirname, '../../..'),
    execArgv: ['--require', join(__dirname, '../../../bin/sql-text.cjs'), '--import', 'tsx'],
    // A workload may print; stdout is only for the result of the rehearsal.
    stdio: ['ignore', process.stderr.fd, 'inherit', 'ipc'],
  });
  const link = new ChildLink<ChildRequest, ChildResponse>(child, 'the writer process');
  const send = async <K extends ChildResponse['kind']>(
    request: ChildRequest,
    kind: K,
  ): Promise<ChildResponse & { kind: K }> => {
    const response = await link.request(request);
    if (response.kind === 'failed') throw new Error(response.message);
    if (response.kind !== kind) throw new Error(`the writers returned ${response.kind}, not ${kind}`);
    return response as ChildResponse & { kind: K };
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
