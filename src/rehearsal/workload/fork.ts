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

/** What the parent sends. */
export type Question =
  | { readonly kind: 'open'; readonly options: ForkOptions }
  | { readonly kind: 'start' | 'progress' | 'stop' }
  | { readonly kind: 'compare'; readonly owner: Side };

/** What the child answers. */
export type Answer =
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
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const link = new Link<Question, Answer>(child, 'The process of the writers');
  const ask = async <K extends Answer['kind']>(
    question: Question,
    kind: K,
  ): Promise<Answer & { kind: K }> => {
    const answer = await link.ask(question);
    if (answer.kind === 'failed') throw new Error(answer.message);
    if (answer.kind !== kind) throw new Error(`the writers answered ${answer.kind}, not ${kind}`);
    return answer as Answer & { kind: K };
  };
  const close = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await exited;
  };
  try {
    await ask({ kind: 'open', options }, 'done');
  } catch (error) {
    await close();
    throw error;
  }
  return {
    pid: child.pid ?? 0,
    start: async () => void (await ask({ kind: 'start' }, 'done')),
    stop: async () => void (await ask({ kind: 'stop' }, 'done')),
    progress: async () => (await ask({ kind: 'progress' }, 'progress')).progress,
    compare: async (owner) => (await ask({ kind: 'compare', owner }, 'comparison')).comparison,
    close,
  };
}
