import { setTimeout as wait } from 'node:timers/promises';
import { OutputLost } from './failures';
import { EXIT, type Terminal } from './terminal';

const COLUMNS_DEFAULT = 100;
/** SIGHUP: the terminal was closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Repeats this soon are ignored: npx and timeout forward signals of the group, and people press Ctrl-C twice. */
const REPEAT_MS = 2_000;

/**
 * The terminal of this process. The first signal, or a lost output, interrupts the command. Repeated signals within
 * two seconds are ignored; a later one exits immediately, and listeners to `exit` clean up.
 * @param lastLine printed to stdout by an immediate exit, unless stdout has a result. @default nothing
 */
export function processTerminal(lastLine?: string): Terminal {
  const interrupted = new AbortController();
  let interruptedAtMs = 0;
  let hasResult = false;
  const out = (line: string): void => {
    hasResult = true;
    process.stdout.write(`${line}\n`);
  };
  const exitImmediately = (): never => {
    if (lastLine !== undefined && !hasResult) out(lastLine);
    process.exit(EXIT.interrupted);
  };
  const interrupt = (reason: Error): void => {
    if (interrupted.signal.aborted) return;
    interruptedAtMs = performance.now();
    interrupted.abort(reason);
  };
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (signal === 'SIGHUP') process.once('exit', dieOfHangup);
      if (!interrupted.signal.aborted) interrupt(new Error(signal));
      else if (performance.now() - interruptedAtMs >= REPEAT_MS) exitImmediately();
    });
  }
  const err = (line: string): void => void process.stderr.write(`${line}\n`);
  process.stdout.on('error', (error: Error) => {
    const lost = new OutputLost('stdout', error);
    if (!interrupted.signal.aborted) err(`sluice: ${lost.message}`);
    interrupt(lost);
  });
  process.stderr.on('error', (error: Error) => interrupt(new OutputLost('stderr', error)));
  return {
    out,
    err,
    ...(process.stderr.isTTY ? { draw: (text: string) => void process.stderr.write(text) } : {}),
    columns: process.stderr.columns ?? COLUMNS_DEFAULT,
    environment: process.env,
    interrupted: interrupted.signal,
    now: Date.now,
    sleep: (ms) => wait(ms, undefined, { signal: interrupted.signal }),
  };
}

/** At its exit, Node.js would try to reset the closed terminal and abort. */
function dieOfHangup(): void {
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
}
