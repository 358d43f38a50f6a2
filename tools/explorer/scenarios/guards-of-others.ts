/** The guards' transitions against those of an earlier generation, and of another control plane. */
import type { MigrationRecord } from '../../../src/core/ledger';
import { recordOf } from '../invariants';
import { OTHER } from '../memory/scene';
import type { Request } from '../memory/state';
import { abort, migration } from '../programs/machines';
import { application, strayClient, waiting } from '../programs/outside';
import type { Subject } from '../programs/subject';
import { applier } from '../programs/workers';
import type { Program, Scenario, SetupGroup } from '../scenario';
import { REMOVED_BY_ABORT } from './abort';
import { isPlanned } from './generations';
import { isTransition, live, offline, ofLive, ofOffline, update } from './guards';
import { claimedByOther } from './ownership';

const hasEnded = ({ status, generation }: MigrationRecord): boolean => status === 'aborted' || generation > 1;
const second = (of: Subject): Subject => ({ ...of, generation: 2 });

const nextGeneration = (of: Subject, extent: Parameters<typeof migration>[1]): Program =>
  waiting(second(of), migration(second(of), extent), 'generation 1 has ended', hasEnded);

const upToTheFlip = (program: Program): SetupGroup => ({
  programs: [program],
  until: (state) => recordOf(state)?.stage === 'seal',
});

/** A late copy of every transition of generation 1, of its abort, and of its disarming. */
const isOfFirst = (request: Request): boolean => isTransition(request) && request.args.generation === 1;

export const lateTransitions: Scenario = {
  ...ofOffline,
  name: 'guards: next generation, offline',
  about: 'generation 2 with a write, and a late copy of every transition of generation 1 and of its abort',
  setup: [upToTheFlip(migration(offline)), [abort(offline)]],
  lateFromSetup: isOfFirst,
  workers: [
    nextGeneration(offline, { execution: 'execution-2' }),
    application('application', [update('1', 11)]),
    strayClient([{ id: '1', v: 12 }]),
  ],
  recovery: [
    nextGeneration(offline, { execution: 'execution-3', onError: 'abort' }),
    abort(offline, 'abort R'),
  ],
  mayFailWith: REMOVED_BY_ABORT,
};

export const lateTransitionsLive: Scenario = {
  ...ofLive,
  name: 'guards: next generation',
  about: 'the same of a generation with captures, from its cutover to its end, with an applier',
  setup: [
    ...ofLive.setup,
    upToTheFlip(migration(live, { from: 'cutover' })),
    [abort(live)],
    [nextGeneration(live, { execution: 'execution-2', before: ['next-copy-wave'] })],
    [
      migration(second(live), { execution: 'execution-2', from: 'next-copy-wave', before: ['cutover'] }),
      applier(second(live), 'applier', Infinity, { rounds: true }),
    ],
  ],
  lateFromSetup: isOfFirst,
  workers: [
    migration(second(live), { execution: 'execution-2', from: 'cutover' }),
    applier(second(live), 'applier', 1),
    application('application', [update('1', 11)]),
  ],
  recovery: [
    nextGeneration(live, { execution: 'execution-3', onError: 'abort' }),
    abort(live, 'abort R'),
    waiting(
      second(live),
      applier(second(live), 'applier R', Infinity, { rounds: true }),
      'generation 2 is planned',
      isPlanned,
    ),
  ],
  mayFailWith: REMOVED_BY_ABORT,
};

const other: Subject = { ...offline, plane: OTHER };

const ofTwoOwners = {
  ...ofOffline,
  setup: [...ofOffline.setup, ...claimedByOther(other)],
  mayFailWith: ['ForeignOwner'],
} satisfies Partial<Scenario>;

export const otherGuardedMigration: Scenario = {
  ...ofTwoOwners,
  name: 'guards: migration of another owner',
  about:
    'an offline migration from its fence to its end, a write, and the migration of another control plane',
  workers: [
    migration(offline, { from: 'fence' }),
    migration(other, { from: 'preflight', execution: 'other-1', name: 'other migration' }),
    application('application', [update('1', 11)]),
  ],
};

export const otherGuardedAbort: Scenario = {
  ...ofTwoOwners,
  name: 'guards: abort of another owner',
  about: 'the same with the abort of another control plane',
  workers: [
    migration(offline, { from: 'fence' }),
    abort(other, 'other abort'),
    application('application', [update('1', 11)]),
  ],
};
