/** Runs seeds of `--only ownership` as a user would. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { OwnershipReport } from '../../../src/rehearsal/chaos/ownership';

const SLUICE = join(__dirname, '..', '..', '..', 'bin', 'sluice.js');

export interface OwnershipRun {
  readonly code: number | null;
  readonly err: string;
  readonly report: OwnershipReport;
}

export async function runOwnership(...flags: readonly string[]): Promise<OwnershipRun> {
  const child = spawn(process.execPath, [SLUICE, 'chaos', '--only', 'ownership', '--json', ...flags]);
  let [out, err] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (out += text.toString()));
  child.stderr.on('data', (text: Buffer) => (err += text.toString()));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, err, report: JSON.parse(out.trimEnd().split('\n').at(-1)!) as OwnershipReport };
}
