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
import { LOCK } from './lock';
import { makeDirectory } from './make-directory';

/** The data that a rehearsal moves; fixed for a state directory. */
export interface RehearsalPlan {
  readonly migration: string;
  readonly rows: number;
  readonly seed: number;
  /** Servers of the user's own; null: embedded ones. */
  readonly sourceUrl: string | null;
  readonly targetUrl: string | null;
}

export interface RehearsalState extends RehearsalPlan {
  readonly version: 1;
  readonly passwords: { readonly source: Passwords; readonly target: Passwords };
  /** Counts the tries to seed. Each has clusters of its own: what a killed one still runs cannot disturb the next. */
  readonly attempt: number;
  /** True once both databases hold all that they hold before the migration starts. */
  readonly seeded: boolean;
}

const FILE = 'rehearsal.json';
/** Processes that write here end with this one, some of them a moment later. */
const REMOVE_NOW = { recursive: true, force: true, maxRetries: 5, retryDelay: 100 } as const;

/** Everything that a rehearsal leaves on disk. Each step is recorded after it is done, so that a repeat is harmless. */
export class StateDirectory {
  readonly path: string;

  /** @throws RehearsalRefused if the directory cannot exist */
  constructor(path: string) {
    this.path = resolve(path);
    makeDirectory(this.path, '--state');
  }

  /** `cdk.out`; there only if it is complete. */
  readonly assembly = (): string => join(this.path, 'cdk.out');
  readonly engine = (): string => join(this.path, 'engine');
  /** Denied calls and unused grants of the last rehearsal. */
  readonly access = (): string => join(this.path, 'access.json');
  /** Acknowledged writes of a live migration. */
  readonly workload = (): string => join(this.path, 'workload.jsonl');
  readonly cluster = (side: Side, attempt: number): string => join(this.path, `${side}-${attempt}`);

  /** Undefined if nothing was recorded yet. @throws Error if what was recorded cannot be read */
  read(): RehearsalState | undefined {
    const file = join(this.path, FILE);
    if (!existsSync(file)) return undefined;
    const state = JSON.parse(readFileSync(file, 'utf8')) as RehearsalState;
    if (state.version !== 1)
      throw new RehearsalRefused(
        `${file} was written by another version of Sluice; remove ${this.path} and start again`,
      );
    return state;
  }

  begin(plan: RehearsalPlan): RehearsalState {
    return this.write({
      version: 1,
      ...plan,
      passwords: { source: newPasswords(), target: newPasswords() },
      attempt: 0,
      seeded: false,
    });
  }

  /** The file changes whole or not at all, also under a power cut. */
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

  /** As if `begin` had not been. Only before the first attempt: later, clusters have these passwords. */
  forget(): void {
    rmSync(join(this.path, FILE), { force: true });
  }

  /** Names of what is in the directory besides locks. */
  contents(): string[] {
    return readdirSync(this.path).filter((name) => !name.startsWith('lock'));
  }

  /**
   * Stops the servers of other attempts, and removes their files as far as whatever still writes them lets it.
   * @param kept the attempt that stays; none: all go
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

  /** As `remove`, by a process that exits. False if a process still writes here; the lock then stays for the next rehearsal. */
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

  /** Everything, servers included. */
  async remove(): Promise<void> {
    await this.removeClusters();
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Where a cluster's files are: elsewhere, if the server's user cannot enter this directory. */
function homeOf(cluster: string): string {
  const location = join(cluster, 'location');
  return existsSync(location) ? readFileSync(location, 'utf8').trim() : cluster;
}

function removeIfPossible(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 2 });
  } catch {
    // A program of a killed rehearsal still writes here; the next one tries again.
  }
}

const newPasswords = (): Passwords => ({
  app: newPassword(),
  sluice_owner: newPassword(),
  sluice_worker: newPassword(),
});

const newPassword = (): string => randomBytes(18).toString('base64url');
