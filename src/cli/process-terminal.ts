import { setTimeout as wait } from 'node:timers/promises';
import { OutputLost } from './failures';
import { EXIT, type Terminal } from './terminal';

const COLUMNS_DEFAULT = 100;
/** SIGHUP: the terminal was closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** What comes so soon is the same wish: npx and timeout pass on what the whole group got, and people press Ctrl-C twice. */
const SAME_WISH_MS = 2_000;

/**
 * The terminal of this process. The first signal asks to stop, as does an output that nobody takes any more; a signal
 * two seconds later or more ends the process at once. What was open then is cleaned up by whoever listens to `exit`.
 */
export function processTerminal(): Terminal {
  const interrupted = new AbortController();
  let askedAtMs = 0;
  const ask = (reason: Error): void => {
    if (interrupted.signal.aborted) return;
    askedAtMs = performance.now();
    interrupted.abort(reason);
  };
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (signal === 'SIGHUP') process.once('exit', dieOfHangup);
      if (!interrupted.signal.aborted) ask(new Error(signal));
      else if (performance.now() - askedAtMs >= SAME_WISH_MS) process.exit(EXIT.interrupted);
    });
  }
  const err = (line: string): void => void process.stderr.write(`${line}\n`);
  process.stdout.on('error', (error: Error) => {
    const lost = new OutputLost('stdout', error);
    if (!interrupted.signal.aborted) err(`sluice: ${lost.message}`);
    ask(lost);
  });
  process.stderr.on('error', (error: Error) => ask(new OutputLost('stderr', error)));
  return {
    out: (line) => void process.stdout.write(`${line}\n`),
    err,
    ...(process.stderr.isTTY ? { draw: (text: string) => void process.stderr.write(text) } : {}),
    columns: process.stderr.columns ?? COLUMNS_DEFAULT,
    environment: process.env,
    interrupted: interrupted.signal,
    now: Date.now,
    sleep: (ms) => wait(ms, undefined, { signal: interrupted.signal }),
  };
}

/** Node.js would reset the terminal at its exit, and abort because there is none any more. */
function dieOfHangup(): void {
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
}
