/** New code is deployed while a generation runs: a resume with it is refused, and an upgrade moves the generation to it. */
import { finished, recordOf } from '../invariants';
import type { MigrationRecord } from '../../../src/core/ledger';
import { abort, migration } from '../programs/machines';
import { waiting } from '../programs/outside';
import { worldFor, type Subject } from '../programs/subject';
import { applier } from '../programs/workers';
import { MIGRATION } from '../memory/scene';
import type { Program, Scenario } from '../scenario';
import { REMOVED_BY_ABORT } from './abort';

const running: Subject = { shape: 'cdc', cuts: 0 };
export const resumed: Subject = { ...running, code: 'code-2' };
export const upgraded: Subject = { ...resumed, continueWith: 'deployed' };
const isUpgraded = ({ code }: MigrationRecord): boolean => code === 'code-2';

const common = {
  ...running,
  rows: { 1: 10 },
  setup: [[migration(running, { before: ['next-copy-wave'] })]],
  zombiesMax: 0,
  faultsMax: 0,
  mayFailWith: [...REMOVED_BY_ABORT, 'AlreadyRunning'],
  recovery: [
    migration(upgraded, { execution: 'execution-3', onError: 'abort' }),
    waiting(upgraded, applier(upgraded, 'applier R', Infinity, { rounds: true }), 'upgraded', isUpgraded),
  ],
  goal: finished,
  statesMax: 60_000,
} satisfies Partial<Scenario>;

/** Continues with the program of the code that the record names. */
const byRecordedCode = ([recorded, other]: readonly [Program, Program]): Program => {
  const chosen = (place: string): Program => (place.startsWith('>') ? other : recorded);
  return {
    ...recorded,
    first: 'reads the code',
    job: (place) =>
      place === 'reads the code'
        ? {
            name: place,
            run: async (ports) => (await worldFor(running, ports).control.recordOrFail(MIGRATION)).code,
          }
        : chosen(place).job(place.slice(1)),
    next: (place, outcome) =>
      place === 'reads the code'
        ? [{ place: 'ok' in outcome && outcome.ok === 'code-2' ? `>${other.first}` : `<${recorded.first}` }]
        : chosen(place)
            .next(place.slice(1), outcome)
            .map((successor) =>
              successor.place === null ? successor : { ...successor, place: place[0]! + successor.place },
            ),
  };
};

const old = migration(running, { from: 'next-copy-wave', before: ['cutover'] });

export const resumeWithOtherCode: Scenario = {
  ...common,
  name: 'redeploy: resume',
  about: 'a running migration, its Sync, and a resume and a Sync of other code at any moment',
  workers: [
    old,
    applier(running, 'sync', 1, { rounds: true }),
    migration(resumed, { execution: 'execution-2', before: ['cutover'] }),
    applier(resumed, 'sync of other code', 1, { rounds: true }),
  ],
};

export const upgrade: Scenario = {
  ...common,
  name: 'redeploy: upgrade',
  about: 'a running migration, its Sync, an upgrade at any moment, and the Sync of the other code',
  workers: [
    old,
    applier(running, 'sync', 1, { rounds: true }),
    migration(upgraded, { execution: 'execution-2', before: ['cutover'] }),
    waiting(upgraded, applier(upgraded, 'sync of other code', 1, { rounds: true }), 'upgraded', isUpgraded),
  ],
};

export const upgradeAgainstAbort: Scenario = {
  ...common,
  name: 'redeploy: upgrade and abort',
  about: 'a running migration, an upgrade and an abort at any moment',
  workers: [
    old,
    migration(upgraded, { execution: 'execution-2', before: ['next-verify-wave'] }),
    abort(running),
  ],
  // A claim that follows the abort starts generation 2, which is not explored here.
  goal: (state) => (recordOf(state)?.generation === 2 ? null : finished(state)),
};

export const upgradeAgainstCutover: Scenario = {
  ...common,
  name: 'redeploy: upgrade and cutover',
  about: 'a cutover and an upgrade at any moment',
  setup: [
    ...common.setup,
    [
      migration(running, { from: 'next-copy-wave', before: ['cutover'] }),
      applier(running, 'applier', Infinity, { rounds: true }),
    ],
  ],
  workers: [migration(running, { from: 'cutover' }), migration(upgraded, { execution: 'execution-2' })],
  // From the intent on, only the recorded code continues.
  recovery: [
    byRecordedCode([
      migration(running, { execution: 'execution-3' }),
      migration(resumed, { execution: 'execution-3' }),
    ]),
    applier(running, 'applier R', Infinity, { rounds: true }),
    waiting(
      resumed,
      applier(resumed, 'applier of other code', Infinity, { rounds: true }),
      'upgraded',
      isUpgraded,
    ),
  ],
};
