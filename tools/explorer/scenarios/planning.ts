/** Two planners of one table, one of them a zombie, while rows are inserted and deleted. */
import { done } from '../invariants';
import { application } from '../programs/outside';
import type { Subject } from '../programs/subject';
import { migration, once } from '../programs/machines';
import { applier } from '../programs/workers';
import type { Request } from '../memory/state';
import type { Scenario } from '../scenario';

const subject: Subject = { shape: 'cdc', cuts: 1 };

const settled = ({ op, args }: Request): boolean =>
  op === 'captures' || (op === 'query' && String(args.prefix).startsWith('problem#'));

export const twoPlanners: Scenario = {
  ...subject,
  name: 'two planners',
  about:
    'a plan, the plan of a zombie with other boundaries, the copy and an applier, while rows are inserted and updated',
  rows: { 1: 10, 2: 20 },
  setup: [[migration(subject, { before: ['plan'] })]],
  workers: [
    migration(subject, { from: 'plan', before: ['next-verify-wave'] }),
    once(subject, 'late planner', 'plan'),
    applier(subject, 'applier', 1, { rounds: true }),
    application('application', [{ changes: [{ id: '3', v: 30 }] }, { changes: [{ id: '1', v: 11 }] }]),
  ],
  // Sync may run before the plan exists.
  mayFailWith: ['InconsistentLedger'],
  settled,
  zombiesMax: 0,
  faultsMax: 0,
  recovery: [
    migration(subject, { execution: 'execution-2', onError: 'abort' }),
    applier(subject, 'applier R', Infinity, { rounds: true }),
  ],
  goal: done,
  statesMax: 100_000,
};
