import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { RehearsalRefused } from '../seed/refusal';

/**
 * Synthesizes the CDK app, as `cdk synth -c env=…` does. The directory appears only when it is complete. Does nothing if
 * it exists, so that a resumed rehearsal keeps its deployment.
 *
 * @throws Error with the app's output
 */
export async function synthesize(options: {
  readonly projectRoot: string;
  readonly environment: string;
  readonly directory: string;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { projectRoot, environment, directory, signal } = options;
  if (existsSync(directory)) return;
  // A unique name, because the app of a killed rehearsal may still write to another draft.
  const draft = mkdtempSync(`${directory}.draft-`);
  const child = spawn(process.execPath, [require.resolve('tsx/cli'), join('bin', 'app.ts')], {
    cwd: projectRoot,
    env: { ...process.env, CDK_OUTDIR: draft, CDK_CONTEXT_JSON: JSON.stringify({ env: environment }) },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => (output += text.toString()));
  }
  const code = await new Promise<number | null>((done, fail) => {
    child.on('error', fail);
    child.on('close', done);
  });
  if (code !== 0)
    throw new RehearsalRefused(
      `synthesizing the CDK app failed with exit code ${code}. Fix the problem that it reports:\n${output.trim()}`,
    );
  renameSync(draft, directory);
  removeDrafts(directory);
}

function removeDrafts(directory: string): void {
  const prefix = `${basename(directory)}.draft-`;
  for (const name of readdirSync(dirname(directory))) {
    if (!name.startsWith(prefix)) continue;
    try {
      rmSync(join(dirname(directory), name), { recursive: true, force: true });
    } catch {
      // A killed rehearsal's app still writes to it.
    }
  }
}
