/** Two planners of one table, of which one is a zombie, while rows come and go. */
import { done } from '../invariants';
import { applier, application, copier, migration, once, type Cast } from '../programs';
import type { Request } from '../memory/state';
import type { Scenario } from '../scenario';

const cast: Cast = { shape: 'cdc', cuts: 1 };

const settled = ({ op, args }: Request): boolean =>
  op === 'captures' || (op === 'query' && String(args.prefix).startsWith('problem#'));

export const twoPlanners: Scenario = {
  ...cast,
  name: 'two planners',
  about:
    'a plan, the same plan by a zombie with other boundaries, a copier and an applier, and rows that come and go',
  rows: { 1: 10, 2: 20 },
  setup: [[migration(cast, { until: 'start-capture' })]],
  workers: [
    migration(cast, { from: 'plan', until: 'plan' }),
    once(cast, 'planner of before', 'plan'),
    copier(cast, 'copier', 0, 1),
    applier(cast, 'applier', 1),
    application('application', [{ changes: [{ id: '3', v: 30 }] }, { changes: [{ id: '1', v: 11 }] }]),
  ],
  settled,
  zombiesMax: 0,
  faultsMax: 0,
  recovery: [
    migration(cast, { execution: 'execution-2', onError: 'abort' }),
    applier(cast, 'applier R', Infinity),
  ],
  goal: done,
  statesMax: 400_000,
};
