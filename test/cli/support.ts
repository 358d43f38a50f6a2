import { main } from '../../src/cli/main';
import type { Terminal } from '../../src/cli/terminal';
import type { Verb } from '../../src/cli/verb';
import { VERBS } from '../../src/cli/verbs';

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process. */
export async function run(
  words: readonly string[],
  {
    verbs = VERBS,
    signal = new AbortController().signal,
  }: { verbs?: readonly Verb[]; signal?: AbortSignal } = {},
): Promise<Outcome> {
  const [out, err]: [string[], string[]] = [[], []];
  const terminal: Terminal = {
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
    columns: 100,
    environment: process.env,
    interrupted: signal,
    now: Date.now,
    sleep: (ms) =>
      new Promise((done, fail) => {
        setTimeout(() => (signal.aborted ? fail(new Error('interrupted')) : done()), Math.min(ms, 20));
      }),
  };
  return { code: await main(verbs, words, terminal), out: out.join('\n'), err: err.join('\n') };
}
