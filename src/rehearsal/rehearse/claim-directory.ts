/** Chooses and locks the directory of a rehearsal, and reads the state to continue from. */
import { chmodSync, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDirectory, ownerOf } from './lock-directory';
import { createTemporary } from './create-directory';
import { StateDirectory, type RehearsalPlan, type RehearsalState } from './state';
import { RehearsalRefused } from '../seed/refusal';

export interface ClaimOptions {
  /** @default a fresh temporary directory */
  readonly statePath?: string;
  /** Whether to continue from the state in the directory; `if-present`: or to start there if it is new or empty. */
  readonly resume: boolean | 'if-present';
  /** Keep a temporary directory. */
  readonly keep: boolean;
  /** The values given by the user; the others have defaults. */
  readonly plan: Partial<RehearsalPlan>;
}

export interface ClaimedDirectory {
  readonly directory: StateDirectory;
  readonly state: RehearsalState;
  /** Unlocks the directory, and removes it if it is temporary. */
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
 * @param note called if the process exits before the release, with a line about the remaining files
 * @throws Error if the directory cannot be created, is in use, or holds other files, a different rehearsal
 * or, to resume, none
 */
export async function claimDirectory(
  options: ClaimOptions,
  note: (line: string) => void = () => undefined,
): Promise<ClaimedDirectory> {
  if (options.resume === true) assertStarted(options.statePath);
  const directory = new StateDirectory(options.statePath ?? (await temporaryPath(options.keep)));
  const unlock = lockDirectory(directory.path);
  const temporary = options.statePath === undefined && !options.keep;
  const onExit = (): void => note(temporary ? removeNow(directory) : describeRemaining(directory));
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
      state: state ?? directory.create({ ...PLAN_DEFAULTS, ...options.plan }),
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** A killed rehearsal leaves at least its lock, even if it did not record its state yet. */
function assertStarted(statePath: string | undefined): void {
  if (statePath === undefined)
    throw new RehearsalRefused('there is nothing to resume: no directory is named; name it with --state DIR');
  const isMissing = !existsSync(statePath);
  if (!isMissing && (!statSync(statePath).isDirectory() || readdirSync(statePath).length > 0)) return;
  throw new RehearsalRefused(
    `--state ${statePath} holds no rehearsal to resume: it ${isMissing ? 'does not exist' : 'is empty'}. Name the directory of a rehearsal, or leave --resume out to start one there.`,
  );
}

/** Removes the passwords and stops the servers, which must not outlive a process that exits immediately. */
const removeNow = (directory: StateDirectory): string =>
  directory.removeNow()
    ? `exited immediately; ${directory.path} was removed`
    : `exited immediately; ${directory.path} remains, and the next rehearsal removes it`;

const describeRemaining = ({ path }: StateDirectory): string =>
  `exited immediately; ${path} remains: remove it, or continue with npm run rehearse -- --resume --state ${path} or npx sluice local --state ${path}`;

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
      `${path} holds ${foreign.join(', ')}, but not a rehearsal; name an empty or a new directory`,
    );
  }
  if (resume === false) {
    throw new RehearsalRefused(
      `${path} already holds a rehearsal of ${state.migration}. Continue it (--resume --state ${path}), remove it, or name another --state.`,
    );
  }
  const differing = Object.entries(plan).filter(
    ([name, value]) => state[name as keyof RehearsalPlan] !== value,
  );
  if (differing.length > 0) {
    throw new RehearsalRefused(
      `the rehearsal in ${path} has other settings: ${differing
        .map(([name, value]) => `${name} is ${state[name as keyof RehearsalPlan]}, not ${value}`)
        .join('; ')}. Leave these flags out to continue it.`,
    );
  }
}

/** PostgreSQL may run as another user, which needs access to the directory. */
async function temporaryPath(keep: boolean): Promise<string> {
  await removeAbandoned();
  const path = createTemporary(TEMPORARY);
  chmodSync(path, 0o755);
  if (keep) writeFileSync(join(path, KEEP), '');
  return path;
}

/** Removes the temporary directories of killed rehearsals, and stops their servers. */
async function removeAbandoned(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const path = join(tmpdir(), name);
    if (!name.startsWith(TEMPORARY) || !existsSync(join(path, 'lock')) || existsSync(join(path, KEEP)))
      continue;
    if (ownerOf(path) !== undefined) continue;
    await new StateDirectory(path).remove();
  }
}
