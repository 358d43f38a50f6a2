/** The cutover from the fence to the flip, against a cancel, an abort and time. */
import { finished } from '../invariants';
import type { Request } from '../memory/state';
import { application, expiry, owner } from '../programs/outside';
import type { Subject } from '../programs/subject';
import { abort, migration, once } from '../programs/machines';
import { applier } from '../programs/workers';
import type { Scenario } from '../scenario';
import { REMOVED_BY_ABORT } from './abort';
import { isDecision } from './requests';

const subject: Subject = { shape: 'cdc', cuts: 0 };

/** The plan and the chunks do not change, because nothing is unequal here. */
const settled = ({ op, args }: Request): boolean =>
  (op === 'query' &&
    (String(args.prefix).startsWith('table#') || String(args.prefix).startsWith('problem#'))) ||
  (op === 'get' && String(args.sk).startsWith('table#'));

/** No row changes; no change is captured or applied. */
const quiet = (request: Request): boolean =>
  settled(request) || ['captures', 'depth', 'dirtyPartitions', 'touches', 'digest'].includes(request.op);

const update = (id: string, v: number) => ({ changes: [{ id, v }] });

const common = {
  ...subject,
  rows: { 1: 10 },
  setup: [
    // Sync starts after the plan: before the record exists it would end immediately.
    [migration(subject, { before: ['next-copy-wave'] })],
    [
      migration(subject, { from: 'next-copy-wave', before: ['cutover'] }),
      applier(subject, 'applier', Infinity, { rounds: true }),
    ],
  ],
  settled,
  recovery: [
    migration(subject, { execution: 'execution-2', onError: 'abort' }),
    applier(subject, 'applier R', Infinity, { rounds: true }),
  ],
  goal: finished,
  statesMax: 100_000,
} satisfies Partial<Scenario>;

export const cutoverAgainstTime: Scenario = {
  ...common,
  name: 'cutover against time',
  about: 'a cutover, an abandoned invocation of it, a fence that expires, and writes',
  workers: [
    migration(subject, { from: 'cutover', mayBeAbandoned: true }),
    applier(subject, 'applier', 2),
    application('application', [update('1', 11), update('2', 20)]),
    expiry(1),
  ],
  zombiesMax: 1,
  faultsMax: 0,
  statesMax: 200_000,
};

export const cutoverAgainstCancel: Scenario = {
  ...common,
  name: 'cutover against cancel',
  about:
    'a cutover against a late cancel of an earlier attempt; fences are cancelled and repeated, with a write',
  workers: [
    migration(subject, { from: 'cutover' }),
    once(subject, 'late cancel', 'cancel-cutover'),
    applier(subject, 'applier', 1),
    application('application', [update('1', 11)]),
  ],
  zombiesMax: 0,
  faultsMax: 1,
  faulty: (request) => ['setGuard', 'closeLeases'].includes(request.op) || isDecision(request),
  statesMax: 200_000,
};

export const cutoverAgainstAbort: Scenario = {
  ...common,
  name: 'cutover against abort',
  about: 'a cutover, an abort at any moment, an applier and writes',
  settled: () => false,
  workers: [
    migration(subject, { from: 'cutover' }),
    abort(subject),
    applier(subject, 'applier', 1),
    application('application', [update('1', 11), update('1', 12)]),
  ],
  mayFailWith: REMOVED_BY_ABORT,
  zombiesMax: 0,
  faultsMax: 0,
  statesMax: 200_000,
};

export const cutoverAgainstLoss: Scenario = {
  ...common,
  name: 'cutover against loss',
  about: 'a cutover, DDL by the owner at any moment, Sync that detects it, and a fence that expires',
  workers: [
    migration(subject, { from: 'cutover' }),
    applier(subject, 'applier', 1, { rounds: true }),
    owner(),
    expiry(1),
  ],
  mayFailWith: ['CaptureLost'],
  zombiesMax: 0,
  faultsMax: 0,
};

export const twoCutovers: Scenario = {
  ...common,
  name: 'two cutovers',
  about: 'an abandoned invocation of the cutover, then another one or its cancel; a fence that expires',
  settled: quiet,
  workers: [
    migration(subject, { from: 'cutover', before: ['catch-up', 'stop-capture'], mayBeAbandoned: true }),
    expiry(1),
  ],
  zombiesMax: 1,
  faultsMax: 0,
  statesMax: 300_000,
};

export const sealedCutover: Scenario = {
  ...common,
  name: 'sealed cutover',
  about: 'after the seal: the flip and an abandoned invocation of it against its cancel, an abort and writes',
  settled: () => false,
  setup: [
    ...common.setup,
    {
      programs: [migration(subject, { from: 'cutover' })],
      until: ({ source }) => source.guard?.state === 'sealed',
    },
  ],
  workers: [
    migration(subject, { from: 'cutover', mayBeAbandoned: true }),
    abort(subject),
    application('application', [update('1', 11), update('2', 20)]),
  ],
  mayFailWith: REMOVED_BY_ABORT,
  zombiesMax: 1,
  faultsMax: 0,
  statesMax: 200_000,
};
