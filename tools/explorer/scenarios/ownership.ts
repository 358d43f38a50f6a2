/** Two control planes on the same databases: another environment, or a restored copy of the first ledger. */
import { done, finished, recordOf } from '../invariants';
import { OTHER, RESTORED } from '../memory/scene';
import { abort, migration } from '../programs/machines';
import { application, drawsEpochs, restores } from '../programs/outside';
import type { Subject } from '../programs/subject';
import { applier } from '../programs/workers';
import type { Program, Scenario, SetupGroup } from '../scenario';
import { REMOVED_BY_ABORT } from './abort';

const offline: Subject = { shape: 'offline', cuts: 0 };
const live: Subject = { shape: 'cdc', cuts: 0 };
const other: Subject = { ...offline, plane: OTHER };
const otherLive: Subject = { ...live, plane: OTHER };
const restored: Subject = { ...live, plane: RESTORED };
const update = (id: string, v: number) => ({ changes: [{ id, v }] });

/** More than all scenarios draw, so that the epochs of another owner do not protect the first one's guards. */
const EPOCHS = 50;

const common = {
  ...offline,
  rows: { 1: 10 },
  zombiesMax: 0,
  faultsMax: 0,
  mayFailWith: ['ForeignOwner'],
  recovery: [migration(offline, { execution: 'execution-2', onError: 'abort' })],
  goal: done,
  statesMax: 100_000,
} satisfies Partial<Scenario>;

/** The other control plane has started its generation, and has touched no database. */
export const claimedByOther = (subject: Subject) => [
  [migration(subject, { before: ['preflight'], execution: 'other-1' })],
  [drawsEpochs(subject, EPOCHS)],
];

export const otherMigration: Scenario = {
  ...common,
  name: 'two owners: migration',
  about:
    'the offline migration of a control plane after its registration, a write, and the same migration of another one',
  setup: [[migration(offline, { before: ['fence'] })], ...claimedByOther(other)],
  workers: [
    migration(offline, { from: 'fence' }),
    migration(other, { from: 'preflight', execution: 'other-1', name: 'other migration' }),
    application('application', [update('1', 11)]),
  ],
};

export const otherAbort: Scenario = {
  ...otherMigration,
  name: 'two owners: abort',
  about:
    'the offline migration of a control plane after its registration, a write, and the abort of another one',
  workers: [
    migration(offline, { from: 'fence' }),
    abort(other, 'other abort'),
    application('application', [update('1', 11)]),
  ],
};

export const otherAbortAtStart: Scenario = {
  ...otherMigration,
  name: 'two owners: abort before the registration',
  about: 'a control plane that installs and registers, and the abort of another one',
  setup: claimedByOther(other),
  workers: [migration(offline, { before: ['plan'] }), abort(other, 'other abort')],
  mayFailWith: ['ForeignOwner', 'InconsistentLedger'],
};

const liveRecovery = [
  migration(live, { execution: 'execution-2', onError: 'abort' }),
  applier(live, 'applier R', Infinity, { rounds: true }),
];

export const otherAbortDuringSync: Scenario = {
  ...common,
  ...live,
  name: 'two owners: abort during sync',
  about: 'the copy of a captured table, an applier and a write, and the abort of another control plane',
  setup: [[migration(live, { before: ['next-copy-wave'] })], ...claimedByOther(otherLive)],
  workers: [
    migration(live, { from: 'next-copy-wave', before: ['next-verify-wave'] }),
    applier(live, 'applier', 1),
    abort(otherLive, 'other abort'),
    application('application', [update('1', 11)]),
  ],
  recovery: liveRecovery,
};

const BEFORE_THE_COPY: SetupGroup = [migration(live, { before: ['next-copy-wave'] })];
const COPY: SetupGroup = [
  migration(live, { from: 'next-copy-wave', before: ['cutover'] }),
  applier(live, 'applier', Infinity, { rounds: true }),
];
const UP_TO_THE_FLIP: SetupGroup = {
  programs: [migration(live, { from: 'cutover' })],
  until: (state) => recordOf(state)?.stage === 'seal',
};

const afterSeal = {
  ...common,
  ...live,
  mayFailWith: [...REMOVED_BY_ABORT, 'ForeignOwner', 'RestoredLedger', 'CopyFailed'],
  recovery: liveRecovery,
  goal: finished,
} satisfies Partial<Scenario>;

const after = (restoredProgram: Program): readonly Program[] => [
  migration(live, { from: 'cutover' }),
  restoredProgram,
  application('application', [update('1', 11)]),
];

export const restoredAbort: Scenario = {
  ...afterSeal,
  name: 'restored ledger: abort',
  about:
    'the flip and the opening, a write, and the abort of a ledger that was restored from before the copy',
  setup: [BEFORE_THE_COPY, [restores(RESTORED)], COPY, UP_TO_THE_FLIP],
  workers: after(abort(restored, 'restored abort')),
};

/** It was decided before the fence, so that it passes the comparison of the ledger with the guards. */
export const lateRestoredAbort: Scenario = {
  ...restoredAbort,
  name: 'restored ledger: late abort',
  about:
    'the same, with an abort that was decided before the first ledger fenced under epochs that are much newer',
  setup: [
    BEFORE_THE_COPY,
    [restores(RESTORED)],
    { worker: 'restored abort', before: ({ op }) => op === 'revoke' },
    COPY,
    [drawsEpochs(live, EPOCHS)],
    UP_TO_THE_FLIP,
  ],
};

export const restoredResume: Scenario = {
  ...restoredAbort,
  name: 'restored ledger: resume',
  about:
    'the flip and the opening, a write, and the resumed migration of a ledger that was restored from before the copy',
  workers: after(migration(restored, { execution: 'restored-1', name: 'restored migration' })),
};

export const restoredCutover: Scenario = {
  ...afterSeal,
  name: 'restored ledger: cutover',
  about:
    'the flip and the opening, a write, and the cutover of a ledger that was restored from just before it',
  setup: [BEFORE_THE_COPY, COPY, [restores(RESTORED)], UP_TO_THE_FLIP],
  workers: after(migration(restored, { from: 'cutover', name: 'restored migration' })),
};
