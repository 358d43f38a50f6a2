import { spawn } from 'node:child_process';
import { join } from 'node:path';

import type { RehearsalResult } from '../rehearse';
import type { SeedPlan } from './plan';

export interface SeedOptions {
  readonly projectRoot: string;
  readonly template: string;
  readonly rows: number;
  readonly interrupted: AbortSignal;
}

export interface SeedResult {
  /** Null if the rehearsal ended without a verdict. */
  readonly result: RehearsalResult | null;
  /** The end of its output on stderr. */
  readonly output: string;
  readonly seconds: number;
}

const MINUTES_MAX = 15;
const OUTPUT_CHARACTERS_MAX = 4_000;

/** Runs one rehearsal in its own process, as a user would start it. */
export async function rehearseSeed(plan: SeedPlan, options: SeedOptions): Promise<SeedResult> {
  const { projectRoot, template, rows, interrupted } = options;
  const startedMs = performance.now();
  const child = spawn(
    process.execPath,
    [
      ...[join(projectRoot, 'bin', 'sluice.js'), 'rehearse', plan.migration, '--json'],
      ...['--rows', String(rows), '--seed', String(plan.seed)],
      ...['--faults', plan.faults.join(','), '--template', template],
    ],
    { cwd: projectRoot, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let [out, output] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (out += text.toString()));
  child.stderr.on(
    'data',
    (text: Buffer) => (output = (output + text.toString()).slice(-OUTPUT_CHARACTERS_MAX)),
  );
  // When it is interrupted, it stops its servers; when it is killed, it does not.
  const end = (): boolean => child.kill('SIGINT');
  const deadline = setTimeout(() => {
    output += `\nthe rehearsal did not end within ${MINUTES_MAX} minutes, so it was interrupted`;
    end();
  }, MINUTES_MAX * 60_000);
  interrupted.addEventListener('abort', end, { once: true });
  await new Promise((done, fail) => child.once('close', done).once('error', fail));
  interrupted.removeEventListener('abort', end);
  clearTimeout(deadline);
  const seconds = (performance.now() - startedMs) / 1000;
  return { result: resultOf(out), output, seconds };
}

function resultOf(out: string): RehearsalResult | null {
  try {
    const printed = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as
      RehearsalResult | { error: unknown };
    return 'error' in printed ? null : printed;
  } catch {
    return null;
  }
}
