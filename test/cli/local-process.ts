/** Runs `sluice local` in its own process group, as a shell does, and finds the files and processes that remain. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const SLUICE = join(__dirname, '..', '..', 'bin', 'sluice.js');

/** Everything that the runs of a test file leave is below it. PostgreSQL's own user must be able to enter. */
export function makeScratch(): string {
  const scratch = mkdtempSync(join(tmpdir(), 'sluice-local-'));
  chmodSync(scratch, 0o1777);
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));
  return scratch;
}

/** Names of what is there but for what tsx compiled, which it keeps after every run. */
export const filesIn = (scratch: string): string[] =>
  readdirSync(scratch).filter((name) => !name.startsWith('tsx-'));

export async function until(condition: () => boolean, why: () => string): Promise<void> {
  for (const deadline = Date.now() + 120_000; !condition();) {
    if (Date.now() > deadline) throw new Error(`not within two minutes: ${why()}`);
    await sleep(50);
  }
}

/** Processes that work in the scratch directory, or name it in their command line or environment. */
export function processesIn(directory: string): string[] {
  if (!existsSync('/proc/self'))
    throw new Error('This test reads /proc, which does not exist on this system. Run it on Linux.');
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    try {
      const about = [readlinkSync(`/proc/${pid}/cwd`), readFileSync(`/proc/${pid}/cmdline`, 'utf8')];
      about.push(readFileSync(`/proc/${pid}/environ`, 'utf8'));
      return about.some((text) => text.includes(directory));
    } catch {
      return false;
    }
  });
}

/** Returns whether a server listens at the URL. */
export async function listens(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

export class Local {
  out = '';
  err = '';
  readonly exited: Promise<[number | null, string | null]>;
  private readonly child;

  constructor(scratch: string, ...words: readonly string[]) {
    this.child = spawn(process.execPath, [SLUICE, 'local', ...words], {
      detached: true,
      env: { ...process.env, TMPDIR: scratch },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout.on('data', (part: Buffer) => (this.out += part.toString()));
    this.child.stderr.on('data', (part: Buffer) => (this.err += part.toString()));
    this.exited = once(this.child, 'exit') as Promise<[number | null, string | null]>;
  }

  /** Returns the exported variables, once the deployment is ready. */
  async variables(): Promise<Readonly<Record<string, string>>> {
    await this.says(/^ready/m, () => this.child.exitCode !== null);
    expect(this.err).toMatch(/^ready/m);
    const exports = [...this.out.matchAll(/^export (\w+)=(.*)$/gm)];
    return Object.fromEntries(exports.map(([, name, value]) => [name!, value!.replaceAll("'", '')]));
  }

  says(what: RegExp, orElse: () => boolean = () => false): Promise<void> {
    return until(
      () => what.test(this.err) || orElse(),
      () => this.err,
    );
  }

  /** Signals the whole group, as a terminal does. */
  signal(signal: 'SIGINT' | 'SIGHUP' = 'SIGINT'): void {
    process.kill(-this.child.pid!, signal);
  }

  /** Closes stdout, as `| head -1` does after the first line. */
  closeStdout(): void {
    this.child.stdout.destroy();
  }

  kill(): void {
    if (this.child.exitCode === null) this.child.kill('SIGKILL');
  }
}
