/** Runs rehearsals as users do: in their own processes, on real servers. */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from 'local-aws';
import type { RehearsalResult } from '../../../src/rehearsal/rehearse';
import { rehearsalTemplate } from '../../support/rehearsal-template';

const SLUICE = join(__dirname, '..', '..', '..', 'bin', 'sluice.js');
export const MINUTES = 60_000;

export interface Run {
  readonly child: ChildProcess;
  /** Everything printed so far. */
  readonly out: () => string;
  readonly err: () => string;
  /** Exit code, or null if it was killed. */
  readonly code: Promise<number | null>;
}

/** The fixture that the tests of a file share. Each test has its own state directory. */
export class Rehearsals {
  state = '';
  template = '';
  private home = '';
  private readonly children: ChildProcess[] = [];

  /** Creates the directories before the tests of a file, and removes them afterwards. Call it once per file. */
  static use(): Rehearsals {
    const rehearsals = new Rehearsals();
    beforeAll(async () => {
      rehearsals.template = await rehearsalTemplate();
    }, MINUTES);
    beforeEach(() => rehearsals.makeHome());
    afterEach(() => rehearsals.removeHome());
    return rehearsals;
  }

  sluice(args: readonly string[], environment: Record<string, string> = {}): Run {
    const child = spawn(process.execPath, [SLUICE, ...args], { env: { ...process.env, ...environment } });
    this.children.push(child);
    let [out, err] = ['', ''];
    child.stdout.on('data', (text: Buffer) => (out += text.toString()));
    child.stderr.on('data', (text: Buffer) => (err += text.toString()));
    const code = new Promise<number | null>((done) => child.once('close', done));
    return { child, out: () => out, err: () => err, code };
  }

  private makeHome(): void {
    this.home = mkdtempSync(join(tmpdir(), 'sluice-whole-test-'));
    // PostgreSQL may run as another user, which needs access to the directory.
    chmodSync(this.home, 0o755);
    this.state = join(this.home, 'state');
  }

  private async removeHome(): Promise<void> {
    for (const child of this.children.splice(0)) child.kill('SIGKILL');
    await this.stopLeftovers();
    rmSync(this.home, { recursive: true, force: true });
  }

  /** Stops the servers of killed rehearsals: starting a cluster stops a server that still runs on it. */
  private async stopLeftovers(): Promise<void> {
    for (const name of existsSync(this.state) ? readdirSync(this.state) : []) {
      if (!/^(source|target)-\d+$/.test(name)) continue;
      await (await startPostgres({ directory: join(this.state, name) })).stop();
    }
  }
}

export const resultOf = (run: Run): RehearsalResult =>
  JSON.parse(run.out().trimEnd().split('\n').at(-1)!) as RehearsalResult;

/** @throws Error if the run ends before the condition holds */
export async function until(condition: () => boolean, run: Run): Promise<void> {
  while (!condition()) {
    if (run.child.exitCode !== null) throw new Error(`the run ended early:\n${run.err()}`);
    await sleep(20);
  }
}
