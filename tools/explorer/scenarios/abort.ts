/** An abort, at any moment, against whoever works: the source serves on, and the target becomes what it was. */
import { finished } from '../invariants';
import { application, expiry } from '../programs/bystanders';
import type { Cast } from '../programs/cast';
import { abort, migration } from '../programs/machines';
import { applier, copier } from '../programs/workers';
import type { Scenario } from '../scenario';
import { isDecision } from './requests';

const live: Cast = { shape: 'cdc', cuts: 0 };
const offline: Cast = { shape: 'offline', cuts: 0 };
/** An abort removes the schema, the captures and the items that the others work with. */
export const REMOVED_BY_ABORT = ['StatementRefused', 'InconsistentLedger', 'CaptureLost'];
const update = (id: string, v: number) => ({ changes: [{ id, v }] });

export const abortAgainstCopy: Scenario = {
  ...live,
  name: 'abort against copy',
  about: 'an abort, a copier and an applier, and a write',
  rows: { 1: 10, 2: 20 },
  setup: [[migration(live, { before: ['next-copy-wave'] })]],
  workers: [
    abort(live),
    copier(live, 'copier', 0),
    applier(live, 'applier', 1),
    application('application', [update('1', 11)]),
  ],
  zombiesMax: 0,
  faultsMax: 0,
  mayFailWith: REMOVED_BY_ABORT,
  recovery: [
    migration(live, { execution: 'execution-2', onError: 'abort' }),
    applier(live, 'applier R', Infinity, { rounds: true }),
  ],
  goal: finished,
  statesMax: 100_000,
};

export const twoAborts: Scenario = {
  ...abortAgainstCopy,
  name: 'two aborts',
  about: 'two aborts at once, a copier, and a request that goes astray',
  workers: [abort(live, 'abort A'), abort(live, 'abort B'), copier(live, 'copier', 0)],
  faultsMax: 1,
};

export const offlineCutover: Scenario = {
  ...offline,
  name: 'offline cutover',
  about: 'the cutover of a copy behind a fence, against an abort, time and writes; a request goes astray',
  rows: { 1: 10 },
  setup: [[migration(offline, { before: ['next-verify-wave'] })]],
  workers: [
    migration(offline, { from: 'next-verify-wave', mayBeGivenUp: true }),
    abort(offline),
    expiry(1),
    application('application', [update('1', 11)]),
  ],
  zombiesMax: 1,
  faultsMax: 1,
  mayFailWith: [...REMOVED_BY_ABORT, 'FenceExpired'],
  faulty: (request) => request.op === 'setGuard' || isDecision(request),
  recovery: [migration(offline, { execution: 'execution-2', onError: 'abort' })],
  goal: finished,
  statesMax: 100_000,
};
