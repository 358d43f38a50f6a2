import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import type { Passwords } from '../seed';

/** What a rehearsal is asked to move; fixed for the life of a state directory. */
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
  /** True once both databases hold all that they hold before the migration starts. */
  readonly seeded: boolean;
}

const FILE = 'rehearsal.json';

/** Everything that a rehearsal leaves on disk. Each step is recorded after it is done, so that a repeat is harmless. */
export class StateDirectory {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
    mkdirSync(this.path, { recursive: true });
  }

  /** `cdk.out`; there only if it is complete. */
  readonly assembly = (): string => join(this.path, 'cdk.out');
  readonly engine = (): string => join(this.path, 'engine');
  readonly cluster = (side: 'source' | 'target'): string => join(this.path, side);

  /** Undefined if nothing was recorded yet. @throws Error if what was recorded cannot be read */
  read(): RehearsalState | undefined {
    const file = join(this.path, FILE);
    if (!existsSync(file)) return undefined;
    const state = JSON.parse(readFileSync(file, 'utf8')) as RehearsalState;
    if (state.version !== 1)
      throw new Error(`${file} was written by another version of Sluice; remove ${this.path} and begin anew`);
    return state;
  }

  begin(plan: RehearsalPlan): RehearsalState {
    return this.write({
      version: 1,
      ...plan,
      passwords: { source: newPasswords(), target: newPasswords() },
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

  /** Where a cluster's data is: elsewhere, if the server's user cannot enter this directory. */
  dataOf(side: 'source' | 'target'): string {
    return join(this.homeOf(side), 'data');
  }

  /** Names of what is in the directory besides locks. */
  contents(): string[] {
    return readdirSync(this.path).filter((name) => !name.startsWith('lock'));
  }

  remove(): void {
    for (const side of ['source', 'target'] as const) {
      rmSync(this.homeOf(side), { recursive: true, force: true });
    }
    rmSync(this.path, { recursive: true, force: true });
  }

  private homeOf(side: 'source' | 'target'): string {
    const location = join(this.cluster(side), 'location');
    return existsSync(location) ? readFileSync(location, 'utf8').trim() : this.cluster(side);
  }
}

const newPasswords = (): Passwords => ({
  app: newPassword(),
  sluice_owner: newPassword(),
  sluice_worker: newPassword(),
});

const newPassword = (): string => randomBytes(18).toString('base64url');
