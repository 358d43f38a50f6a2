/** Runs the server in a child process, so that its JSON work runs on another core. */
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

import type { Policies, Usage } from '../iam';
import type { DataApi, DataApiCounters, DataApiOptions } from './options';

/** A message from the parent. */
export type Command =
  | { readonly kind: 'start'; readonly options: DataApiOptions }
  | { readonly kind: 'counters' }
  | { readonly kind: 'access' }
  | { readonly kind: 'authorizeBy'; readonly policies: Policies }
  | { readonly kind: 'close' };

/** A message from the child: one per command, in the order of the commands. */
export type Reply =
  | { readonly kind: 'started'; readonly url: string }
  | { readonly kind: 'counters'; readonly counters: DataApiCounters }
  | { readonly kind: 'access'; readonly usage: Usage }
  | { readonly kind: 'authorized' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly message: string };

const CLOSE_DEADLINE_MS = 10_000;

/**
 * Starts the Data API in a child process that ends with this one.
 * @throws Error if the child does not start or the port is in use
 */
export async function forkDataApi(options: DataApiOptions): Promise<DataApi> {
  const child = fork(join(__dirname, 'child.ts'), {
    // Node resolves `--import` from the working directory, so this package's dependencies must be visible there.
    cwd: join(__dirname, '../..'),
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const link = new Link(child);
  const started = await link.send({ kind: 'start', options });
  if (started.kind !== 'started') {
    child.disconnect();
    throw unexpected(started);
  }
  let closing: Promise<void> | undefined;
  return {
    url: started.url,
    counters: async () => {
      const reply = await link.send({ kind: 'counters' });
      if (reply.kind !== 'counters') throw unexpected(reply);
      return reply.counters;
    },
    access: async () => {
      const reply = await link.send({ kind: 'access' });
      if (reply.kind !== 'access') throw unexpected(reply);
      return reply.usage;
    },
    authorizeBy: async (policies) => {
      const reply = await link.send({ kind: 'authorizeBy', policies });
      if (reply.kind !== 'authorized') throw unexpected(reply);
    },
    close: () => (closing ??= close(child, link)),
  };
}

/** Matches replies from the child to commands, by their order. */
class Link {
  private readonly waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void }[] = [];

  constructor(private readonly child: ChildProcess) {
    child.on('message', (reply: Reply) => this.waiting.shift()?.resolve(reply));
    child.on('error', (error) => this.failAll(error));
    child.on('exit', (code, signal) =>
      this.failAll(
        new Error(
          `The Data API's process exited early: code ${code ?? '-'}, signal ${signal ?? '-'}. See its output above.`,
        ),
      ),
    );
  }

  send(command: Command): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.child.send(command, (error) => {
        if (error !== null) reject(error);
      });
    });
  }

  private failAll(error: Error): void {
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }
}

async function close(child: ChildProcess, link: Link): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((done) => child.once('exit', done));
  const deadline = setTimeout(() => child.kill('SIGKILL'), CLOSE_DEADLINE_MS);
  await link.send({ kind: 'close' }).catch(() => undefined);
  if (child.connected) child.disconnect();
  await exited;
  clearTimeout(deadline);
}

function unexpected(reply: Reply): Error {
  return new Error(
    reply.kind === 'failed'
      ? reply.message
      : `The Data API's process sent an unexpected reply: ${reply.kind}.`,
  );
}
