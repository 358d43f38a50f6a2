/** An abort at any moment against running workers: the source keeps serving, and the target is restored. */
import { finished } from '../invariants';
import { application, expiry } from '../programs/outside';
import type { Subject } from '../programs/subject';
import { abort, migration } from '../programs/machines';
import { applier, copier } from '../programs/workers';
import type { Scenario } from '../scenario';
import { isDecision } from './requests';

const live: Subject = { shape: 'cdc', cuts: 0 };
const offline: Subject = { shape: 'offline', cuts: 0 };
/** Errors of workers whose schema, captures or items an abort has removed. */
export const REMOVED_BY_ABORT = ['StatementRefused', 'InconsistentLedger', 'CaptureLost'];
const update = (id: string, v: number) => ({ changes: [{ id, v }] });

export const abortAgainstCopy: Scenario = {
  ...live,
  name: 'abort against copy',
  about: 'an abort, a copier, an applier and a write',
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
  about: 'two concurrent aborts, a copier, and one request that is lost, delayed or repeated',
  workers: [abort(live, 'abort A'), abort(live, 'abort B'), copier(live, 'copier', 0)],
  faultsMax: 1,
};

export const offlineCutover: Scenario = {
  ...offline,
  name: 'offline cutover',
  about:
    'the cutover of an offline copy against an abort, time and writes; one request is lost, delayed or repeated',
  rows: { 1: 10 },
  setup: [[migration(offline, { before: ['next-verify-wave'] })]],
  workers: [
    migration(offline, { from: 'next-verify-wave', mayBeAbandoned: true }),
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
