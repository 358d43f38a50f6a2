/** Claims the directory of a rehearsal, new or resumed. */
import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDirectory, ownerOf } from './lock';
import { makeTemporary } from './make-directory';
import { StateDirectory, type RehearsalPlan, type RehearsalState } from './state';
import { RehearsalRefused } from '../seed/refusal';

export interface ClaimOptions {
  /** @default a fresh temporary directory */
  readonly statePath?: string;
  /** Resume the rehearsal in the directory. */
  readonly resume: boolean;
  /** Keep a temporary directory. */
  readonly keep: boolean;
  /** Values given by the user; the others have defaults. */
  readonly plan: Partial<RehearsalPlan>;
}

export interface Claim {
  readonly directory: StateDirectory;
  readonly state: RehearsalState;
  /** Releases the directory, and removes it unless the user keeps it. */
  readonly release: () => Promise<void>;
}

export const PLAN_DEFAULTS: RehearsalPlan = {
  migration: 'orders',
  rows: 200_000,
  seed: 1,
  sourceUrl: null,
  targetUrl: null,
};

const TEMPORARY = 'sluice-rehearsal-';
const KEEP = 'keep';

/**
 * @param note called with what remains if the process exits before the directory is released
 * @throws Error if the directory cannot be made, is in use, holds something else, or holds a rehearsal that does not fit
 */
export async function claim(
  options: ClaimOptions,
  note: (line: string) => void = () => undefined,
): Promise<Claim> {
  const directory = new StateDirectory(options.statePath ?? (await temporaryPath(options.keep)));
  const unlock = lockDirectory(directory.path);
  const temporary = options.statePath === undefined && !options.keep;
  const onExit = (): void => note(temporary ? removeNow(directory) : goOnWith(directory));
  process.once('exit', onExit);
  const release = async (): Promise<void> => {
    if (temporary) await directory.remove();
    unlock();
    process.removeListener('exit', onExit);
  };
  try {
    const state = directory.read();
    assertFits(directory, state, options);
    return {
      directory,
      release,
      state: state ?? directory.begin({ ...PLAN_DEFAULTS, ...options.plan }),
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** The directory has passwords and servers, which must not outlive a process that ends at once. */
const removeNow = (directory: StateDirectory): string =>
  directory.removeNow()
    ? `ended at once; ${directory.path} is removed`
    : `ended at once; ${directory.path} is left, and the next rehearsal removes it`;

const goOnWith = ({ path }: StateDirectory): string =>
  `ended at once; ${path} is left as it is: remove it, or continue with it (npm run rehearse -- --resume --state ${path}, or npx sluice local --state ${path})`;

function assertFits(
  directory: StateDirectory,
  state: RehearsalState | undefined,
  { resume, plan }: ClaimOptions,
): void {
  const { path } = directory;
  if (state === undefined) {
    const foreign = directory
      .contents()
      .filter((name) => !name.startsWith('rehearsal.json') && name !== KEEP);
    if (foreign.length === 0) return;
    throw new RehearsalRefused(
      `${path} holds ${foreign.join(', ')} and no rehearsal; give an empty or a new directory`,
    );
  }
  if (!resume) {
    throw new RehearsalRefused(
      `${path} holds a rehearsal of ${state.migration} already. Resume it (--resume --state ${path}), remove it, or give another --state.`,
    );
  }
  const differing = Object.entries(plan).filter(
    ([name, value]) => state[name as keyof RehearsalPlan] !== value,
  );
  if (differing.length > 0) {
    throw new RehearsalRefused(
      `the rehearsal in ${path} was started with other settings: ${differing
        .map(([name, value]) => `${name} is ${state[name as keyof RehearsalPlan]}, not ${value}`)
        .join('; ')}. Remove these flags to continue with it.`,
    );
  }
}

/** PostgreSQL may run as another user, who must be able to enter. */
async function temporaryPath(keep: boolean): Promise<string> {
  await removeAbandoned();
  const path = makeTemporary(TEMPORARY);
  chmodSync(path, 0o755);
  if (keep) writeFileSync(join(path, KEEP), '');
  return path;
}

/** Servers and files of killed rehearsals that were not to be kept. */
async function removeAbandoned(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const path = join(tmpdir(), name);
    if (!name.startsWith(TEMPORARY) || !existsSync(join(path, 'lock')) || existsSync(join(path, KEEP)))
      continue;
    if (ownerOf(path) !== undefined) continue;
    await new StateDirectory(path).remove();
  }
}
