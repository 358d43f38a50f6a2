/** Generation 2 after the abort of generation 1, of which late calls and late aborts arrive at any moment. */
import type { MigrationRecord } from '../../../src/core/ledger';
import { done, finished, recordOf } from '../invariants';
import type { Request } from '../memory/state';
import { abort, abortStep, migration } from '../programs/machines';
import { application, waiting } from '../programs/outside';
import type { Subject } from '../programs/subject';
import { applier } from '../programs/workers';
import type { Program, Scenario, SetupGroup } from '../scenario';
import { REMOVED_BY_ABORT } from './abort';

const first: Subject = { shape: 'cdc', cuts: 0 };
const second: Subject = { ...first, generation: 2 };
const update = (id: string, v: number) => ({ changes: [{ id, v }] });

/** Generation 1 up to the flip: every kind of controlling call has been made. */
const UP_TO_THE_FLIP: readonly SetupGroup[] = [
  [migration(first, { before: ['next-copy-wave'] })],
  [
    migration(first, { from: 'next-copy-wave', before: ['cutover'] }),
    applier(first, 'applier', Infinity, { rounds: true }),
  ],
  {
    programs: [migration(first, { from: 'cutover' })],
    until: (state) => recordOf(state)?.stage === 'seal',
  },
];

/** The same of a shape without capture, which has no Sync. */
const offline: Subject = { shape: 'offline', cuts: 0 };
export const nextOffline: Subject = { ...offline, generation: 2 };
const OFFLINE_UP_TO_THE_FLIP: readonly SetupGroup[] = [
  {
    programs: [migration(offline)],
    until: (state) => recordOf(state)?.stage === 'seal',
  },
];

const hasEnded = ({ status, generation }: MigrationRecord): boolean => status === 'aborted' || generation > 1;
export const isPlanned = ({ generation, stage, status }: MigrationRecord): boolean =>
  generation === 2 && stage !== null && status !== 'aborted' && !BEFORE_PLAN.includes(stage);
const BEFORE_PLAN: readonly string[] = ['preflight', 'prepare', 'start-capture'];

const nextGeneration = (execution: string, extent: Parameters<typeof migration>[1] = {}): Program =>
  waiting(second, migration(second, { execution, ...extent }), 'generation 1 has ended', hasEnded);

const offlineNext = (execution: string, extent: Parameters<typeof migration>[1] = {}): Program =>
  waiting(nextOffline, migration(nextOffline, { execution, ...extent }), 'generation 1 has ended', hasEnded);

const syncOfNext = (name: string, invocationsMax: number): Program =>
  waiting(
    second,
    applier(second, name, invocationsMax, { rounds: true }),
    'generation 2 is planned',
    isPlanned,
  );

const recovery = [
  nextGeneration('execution-3', { onError: 'abort' }),
  abort(first, 'abort R'),
  syncOfNext('applier R', Infinity),
];

const common = {
  ...first,
  rows: { 1: 10 },
  zombiesMax: 0,
  faultsMax: 0,
  recovery,
  mayFailWith: REMOVED_BY_ABORT,
  goal: done,
  statesMax: 100_000,
} satisfies Partial<Scenario>;

const offlineNextScene = {
  ...offline,
  recovery: [offlineNext('execution-3', { onError: 'abort' }), abort(offline, 'abort R')],
} satisfies Partial<Scenario>;

/**
 * A controlling call of the databases. A late installation is none: it carries no right, and creates what the next one creates again.
 */
const isControlling = ({ at, op, args }: Request): boolean =>
  (at === 'source' || at === 'target') && (op === 'dropUnused' || ('epoch' in args && op !== 'install'));

const lateCallsOf = {
  ...common,
  lateFromSetup: isControlling,
} satisfies Partial<Scenario>;

export const lateCalls: Scenario = {
  ...lateCallsOf,
  ...offlineNextScene,
  name: 'late calls of an aborted generation',
  about:
    'generation 2 up to its end with a write, and a late copy of every controlling call of generation 1 and its abort',
  setup: [...OFFLINE_UP_TO_THE_FLIP, [abort(offline)]],
  workers: [offlineNext('execution-2'), application('application', [update('1', 11)])],
};

export const lateCallsOfCaptures: Scenario = {
  ...lateCallsOf,
  name: 'late calls of an aborted generation with captures',
  about: 'the same with captures and a plan; generation 2 up to its copy',
  setup: [...UP_TO_THE_FLIP, [abort(first)]],
  workers: [
    nextGeneration('execution-2', { before: ['next-copy-wave'] }),
    application('application', [update('1', 11)]),
  ],
};

const aborted = { ...common, ...offlineNextScene } satisfies Partial<Scenario>;

export const abortAgain: Scenario = {
  ...aborted,
  name: 'abort delivered again',
  about: 'generation 2 up to its end with a write, and the abort of generation 1, delivered twice more',
  setup: [...OFFLINE_UP_TO_THE_FLIP, [abort(offline)]],
  workers: [
    abort(offline, 'abort again'),
    abort(offline, 'abort once more'),
    offlineNext('execution-2'),
    application('application', [update('1', 11)]),
  ],
};

const isCall = ({ at, op }: Request): boolean => at !== 'ledger' && op !== 'readGuard' && op !== 'draw';

/** A step of generation 1's abort has read the record, and calls the databases when generation 2 runs. */
const lateStep = (step: 'revoke' | 'reopen' | 'clean'): Scenario => ({
  ...aborted,
  name: `late ${step}`,
  about: `generation 2 up to its end with a write, and an abandoned invocation of the step ${step} of generation 1's abort`,
  setup: [
    ...OFFLINE_UP_TO_THE_FLIP,
    { programs: [abort(offline)], until: (state) => recordOf(state)?.status === 'aborting' },
    { worker: `late ${step}`, before: isCall },
    [abort(offline)],
  ],
  workers: [
    abortStep(offline, step),
    offlineNext('execution-2'),
    application('application', [update('1', 11)]),
  ],
});

export const lateRevoke = lateStep('revoke');
export const lateReopen = lateStep('reopen');
export const lateClean = lateStep('clean');

export const abortOfNext: Scenario = {
  ...aborted,
  name: 'abort of the next generation',
  about: 'generation 2 up to its plan, and its abort at any moment',
  setup: [...OFFLINE_UP_TO_THE_FLIP, [abort(offline)]],
  mayFailWith: [...REMOVED_BY_ABORT, 'FenceExpired'],
  workers: [
    offlineNext('execution-2', { before: ['plan'] }),
    waiting(
      nextOffline,
      abort(nextOffline, 'abort of 2'),
      'generation 2 has started',
      ({ generation }) => generation === 2,
    ),
  ],
  goal: finished,
};
