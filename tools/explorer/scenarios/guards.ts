/** The guards' transitions, with their triggers: arming, closing, DDL by the table's owner, sealing, opening and disarming. */
import { servingSide } from '../../../src/contract/writes';
import { finished, recordOf } from '../invariants';
import { accepts } from '../memory/guard';
import type { Request, State } from '../memory/state';
import { migration, once } from '../programs/machines';
import { application, expiry, triggerOwner } from '../programs/outside';
import type { Subject } from '../programs/subject';
import { applier } from '../programs/workers';
import type { Scenario } from '../scenario';

export const live: Subject = { shape: 'cdc', cuts: 0, triggers: true };
export const offline: Subject = { ...live, shape: 'offline' };
export const update = (id: string, v: number) => ({ changes: [{ id, v }] });
const inTransaction = (id: string, v: number) => ({ ...update(id, v), transaction: true });

/** The transitions of a guard and of its triggers. */
export const isTransition = ({ op }: Request): boolean => ['arm', 'setGuard', 'disarm'].includes(op);

/** The plan does not change. */
const settled = ({ op, args }: Request): boolean =>
  (op === 'query' && /^(table|problem)#/.test(String(args.prefix))) ||
  (op === 'get' && String(args.sk).startsWith('table#'));

const common = {
  rows: { 1: 10 },
  zombiesMax: 0,
  faultsMax: 0,
  goal: finished,
  statesMax: 100_000,
} satisfies Partial<Scenario>;

export const ofLive = {
  ...common,
  ...live,
  setup: [
    [migration(live, { before: ['next-copy-wave'] })],
    [
      migration(live, { from: 'next-copy-wave', before: ['cutover'] }),
      applier(live, 'applier', Infinity, { rounds: true }),
    ],
  ],
  settled,
  recovery: [
    migration(live, { execution: 'execution-2', onError: 'abort' }),
    applier(live, 'applier R', Infinity, { rounds: true }),
  ],
} satisfies Partial<Scenario>;

export const ofOffline = {
  ...common,
  ...offline,
  setup: [[migration(offline, { before: ['fence'] })]],
  mayFailWith: ['FenceExpired'],
  recovery: [migration(offline, { execution: 'execution-2', onError: 'abort' })],
} satisfies Partial<Scenario>;

export const guardedCutover: Scenario = {
  ...ofLive,
  name: 'guards: cutover',
  about:
    'a cutover up to the disarming against a transaction and an applier; one transition of a guard is lost, late or doubled',
  workers: [
    migration(live, { from: 'cutover' }),
    applier(live, 'applier', 1),
    application('application', [inTransaction('1', 11)]),
  ],
  faulty: isTransition,
  faultsMax: 1,
  statesMax: 200_000,
};

export const guardedOffline: Scenario = {
  ...ofOffline,
  name: 'guards: offline',
  about:
    'an offline migration from its fence to its end, a transaction, and a fence that expires; two transitions are lost, late or doubled',
  workers: [
    migration(offline, { from: 'fence' }),
    application('application', [inTransaction('1', 11)]),
    expiry(1),
  ],
  faulty: isTransition,
  faultsMax: 2,
};

export const ownersDdlLive: Scenario = {
  ...ofLive,
  name: "guards: owner's DDL",
  about:
    "a cutover, a write, an applier, and the source's owner, who disables and enables the guard's triggers",
  workers: [
    migration(live, { from: 'cutover' }),
    application('application', [update('1', 11)]),
    triggerOwner('disabled', 'enabled'),
    applier(live, 'applier', 1),
  ],
  statesMax: 200_000,
};

export const ownersDdlOffline: Scenario = {
  ...ofOffline,
  name: "guards: owner's DDL, offline",
  about:
    "an offline migration, a write, a fence that expires, and the source's owner, who disables and drops its triggers",
  workers: [
    migration(offline, { from: 'fence' }),
    application('application', [update('1', 11)]),
    triggerOwner('disabled', 'enabled', 'absent'),
    expiry(1),
  ],
};

/** No invocation follows the cancel, as when the migration is put on hold; requests in flight still arrive. */
const serves = ({ source, ...state }: State): string | null => {
  const { writes } = recordOf({ source, ...state })!;
  return servingSide(writes) === 'source' && !accepts(source)
    ? 'the cutover is cancelled, and the source refuses writes'
    : null;
};

export const lateFence: Scenario = {
  ...ofLive,
  name: 'guards: late fence',
  about:
    'a cutover and its cancel, after which no worker follows; one transition of a guard is lost, late or doubled',
  workers: [migration(live, { from: 'cutover', before: ['catch-up', 'stop-capture'] })],
  faulty: isTransition,
  faultsMax: 1,
  recovery: [once(live, 'cancel R', 'cancel-cutover')],
  goal: serves,
};

const CUTOVER_AFTER_CANCEL: Scenario['setup'] = [
  ...ofLive.setup,
  {
    programs: [migration(live, { from: 'cutover' })],
    until: ({ source }) => source.guard?.state === 'fenced',
  },
  [once(live, 'cancel', 'cancel-cutover')],
  [
    migration(live, { from: 'catch-up', before: ['disarm'] }),
    applier(live, 'applier', Infinity, { rounds: true }),
  ],
];

export const lateDisarm: Scenario = {
  ...ofLive,
  name: 'guards: disarm',
  about:
    'the disarming by two invocations, with a write, and a late copy of every transition of the cutover and of a cancelled one',
  setup: CUTOVER_AFTER_CANCEL,
  lateFromSetup: isTransition,
  workers: [
    migration(live, { from: 'disarm' }),
    once(live, 'late disarm', 'disarm'),
    application('application', [update('1', 11)]),
  ],
  faulty: isTransition,
  faultsMax: 1,
  settled: () => false,
};
