import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import type { Side } from '../../contract/sides';
import { stopImmediately, stopLeftover } from 'local-aws';
import type { Passwords } from '../seed';
import { RehearsalRefused } from '../seed/refusal';
import { LOCK } from './lock-directory';
import { createDirectory } from './create-directory';

/** The settings of a rehearsal, which never change in its state directory. */
export interface RehearsalPlan {
  readonly migration: string;
  readonly rows: number;
  readonly seed: number;
  /** Servers of the user; null for embedded servers. */
  readonly sourceUrl: string | null;
  readonly targetUrl: string | null;
}

export interface RehearsalState extends RehearsalPlan {
  readonly version: 2;
  readonly passwords: { readonly source: Passwords; readonly target: Passwords };
  /** Counts the attempts to seed. Each has its own clusters, so processes of a killed attempt cannot disturb the next. */
  readonly attempt: number;
  /** True once both databases are ready for the migration. */
  readonly seeded: boolean;
}

const FILE = 'rehearsal.json';
/** Retries, because child processes may write for a moment after this process has stopped them. */
const REMOVE_NOW = { recursive: true, force: true, maxRetries: 5, retryDelay: 100 } as const;

/** The files of a rehearsal. Each step is recorded after it is done, so repeating a step is harmless. */
export class StateDirectory {
  readonly path: string;

  /** @throws RehearsalRefused if the directory cannot be created */
  constructor(path: string) {
    this.path = resolve(path);
    createDirectory(this.path, '--state');
  }

  /** `cdk.out`; exists only if it is complete. */
  readonly assembly = (): string => join(this.path, 'cdk.out');
  readonly engine = (): string => join(this.path, 'engine');
  /** The denied calls and unused permissions of the last rehearsal. */
  readonly access = (): string => join(this.path, 'access.json');
  /** The journal of the writers of a live migration. */
  readonly workloadJournal = (): string => join(this.path, 'workload.jsonl');
  readonly cluster = (side: Side, attempt: number): string => join(this.path, `${side}-${attempt}`);

  /** Returns undefined if no state was recorded yet. @throws Error if the state cannot be read */
  read(): RehearsalState | undefined {
    const file = join(this.path, FILE);
    if (!existsSync(file)) return undefined;
    const state = JSON.parse(readFileSync(file, 'utf8')) as RehearsalState;
    if (state.version !== 2)
      throw new RehearsalRefused(
        `${file} was written by another version of Sluice; remove ${this.path} and start again`,
      );
    return state;
  }

  create(plan: RehearsalPlan): RehearsalState {
    return this.write({
      version: 2,
      ...plan,
      passwords: { source: newPasswords(), target: newPasswords() },
      attempt: 0,
      seeded: false,
    });
  }

  /** Replaces the file atomically, even if the power fails. */
  write(state: RehearsalState): RehearsalState {
    const file = join(this.path, FILE);
    const draft = `${file}.draft`;
    const handle = openSync(draft, 'w', 0o600);
    writeSync(handle, `${JSON.stringify(state, null, 2)}\n`);
    fsyncSync(handle);
    closeSync(handle);
    renameSync(draft, file);
    return state;
  }

  /** Reverses `create`. Call it only before the first attempt: later, clusters have these passwords. */
  forget(): void {
    rmSync(join(this.path, FILE), { force: true });
  }

  /** Returns the names of the directory's files, except locks. */
  contents(): string[] {
    return readdirSync(this.path).filter((name) => !name.startsWith('lock'));
  }

  /**
   * Stops the servers of other attempts, and removes their files. Files that a process still writes may remain.
   * @param kept the attempt to keep. @default none
   */
  async removeClusters(kept?: number): Promise<void> {
    for (const name of readdirSync(this.path)) {
      const attempt = /^(?:source|target)-(\d+)$/.exec(name)?.[1];
      if (attempt === undefined || Number(attempt) === kept) continue;
      const home = homeOf(join(this.path, name));
      await stopLeftover(join(home, 'data'));
      for (const path of [home, join(this.path, name)]) removeIfPossible(path);
    }
  }

  /** Removes everything synchronously, at the exit of this process. If it fails, keeps the lock and returns false. */
  removeNow(): boolean {
    try {
      const names = readdirSync(this.path).filter((name) => name !== LOCK);
      for (const name of names.filter((each) => /^(?:source|target)-\d+$/.test(each))) {
        const home = homeOf(join(this.path, name));
        stopImmediately(join(home, 'data'));
        rmSync(home, REMOVE_NOW);
      }
      for (const name of names) rmSync(join(this.path, name), REMOVE_NOW);
      rmSync(this.path, REMOVE_NOW);
      return true;
    } catch {
      return false;
    }
  }

  /** Removes everything, and stops the servers. */
  async remove(): Promise<void> {
    await this.removeClusters();
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Returns the directory of a cluster's files, which is elsewhere if the server's user cannot enter this one. */
function homeOf(cluster: string): string {
  const location = join(cluster, 'location');
  return existsSync(location) ? readFileSync(location, 'utf8').trim() : cluster;
}

function removeIfPossible(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 2 });
  } catch {
    // A process of a killed rehearsal still writes here; the next rehearsal removes the files.
  }
}

const newPasswords = (): Passwords => ({
  app: newPassword(),
  sluice_owner: newPassword(),
  sluice_control: newPassword(),
  sluice_worker: newPassword(),
  sluice_verifier: newPassword(),
});

const newPassword = (): string => randomBytes(18).toString('base64url');
