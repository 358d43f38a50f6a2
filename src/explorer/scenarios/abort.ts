/** An abort, at any moment, against whoever works: the source serves on, and the target becomes what it was. */
import { finished } from '../invariants';
import { abort, applier, application, copier, expiry, migration, type Cast } from '../programs';
import type { Scenario } from '../scenario';

const live: Cast = { shape: 'cdc', cuts: 0 };
const offline: Cast = { shape: 'offline', cuts: 0 };
/** An abort takes away the schema that a copier's statements name. */
const doomedCopier = {
  ...copier(live, 'copier', 0),
  mayFailWith: ['FencedOut', 'StatementRefused', 'CaptureLost'],
};
const update = (id: string, v: number) => ({ changes: [{ id, v }] });

export const abortAgainstCopy: Scenario = {
  ...live,
  name: 'abort against copy',
  about: 'an abort, a copier and an applier, and a write',
  rows: { 1: 10, 2: 20 },
  setup: [[migration(live, { until: 'plan' })]],
  workers: [
    abort(live),
    doomedCopier,
    applier(live, 'applier', 1),
    application('application', [update('1', 11)]),
  ],
  zombiesMax: 0,
  faultsMax: 0,
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
  workers: [abort(live, 'abort A'), abort(live, 'abort B'), doomedCopier],
  faultsMax: 1,
};

export const offlineCutover: Scenario = {
  ...offline,
  name: 'offline cutover',
  about: 'the cutover of a copy behind a fence, against an abort, time and writes; a request goes astray',
  rows: { 1: 10 },
  setup: [[migration(offline, { until: 'copy-wave' })]],
  workers: [
    migration(offline, { from: 'verify-wave', mayBeGivenUp: true }),
    abort(offline),
    expiry(1),
    application('application', [update('1', 11)]),
  ],
  zombiesMax: 1,
  faultsMax: 1,
  faulty: ({ op, args }) =>
    op === 'setGuard' || ':from' in ((args.ExpressionAttributeValues as object | undefined) ?? {}),
  recovery: [migration(offline, { execution: 'execution-2', onError: 'abort' })],
  goal: finished,
  statesMax: 100_000,
};
