import { setTimeout as wait } from 'node:timers/promises';
import type { Terminal } from './terminal';

const COLUMNS_DEFAULT = 100;

/** The terminal of this process. The first SIGINT or SIGTERM asks to stop, the second one ends the process at once. */
export function processTerminal(): Terminal {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (interrupted.signal.aborted) process.exit(130);
      interrupted.abort(new Error(signal));
    });
  }
  return {
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    ...(process.stderr.isTTY ? { draw: (text: string) => void process.stderr.write(text) } : {}),
    columns: process.stderr.columns ?? COLUMNS_DEFAULT,
    environment: process.env,
    interrupted: interrupted.signal,
    now: Date.now,
    sleep: (ms) => wait(ms, undefined, { signal: interrupted.signal }),
  };
}
