/** `Sync`: keeps the receiving end in sync, round by round, until the ledger says that it is over. */
import type { FunctionRow, Machine } from './model';
import { CARRIER, QUICK } from './sizes';

/** Appliers of one round at most. */
export const APPLIERS_MAX = 16;

/** After an applier that failed for good, or when there is nothing to hand out: no round ends immediately. */
const PAUSE_SECONDS = 10;

const nextSync = {
  name: 'nextSync',
  size: QUICK,
  input: 'round',
  from: ['worker'],
  describes: ['Sync'],
} as const satisfies FunctionRow;

const applyChanges = {
  name: 'applyChanges',
  size: CARRIER,
  input: 'applier',
  from: ['worker'],
  to: ['control', 'worker'],
  changes: ['from', 'to'],
  deletesItems: true,
} as const satisfies FunctionRow;

/**
 * An applier that fails ends nothing: the next round, and the gates of `Migration`, judge by the ledger. Before its history is full,
 * the execution renews itself as another of the same version, which takes its role over.
 */
export const SYNC = {
  name: 'Sync',
  timeoutSeconds: 30 * 86_400,
  requires: ['generation', 'direction', 'startedBy', 'syncMachine', 'events'],
  defaults: {},
  remedy: 'Migration starts this machine; do not start it by hand.',
  eventBudget: 15_000,
  steps: [
    {
      id: 'next-sync',
      kind: 'gate',
      function: nextSync,
      retry: 'sync',
      verdicts: { apply: 'apply', idle: 'pause', renew: 'renew', over: 'over' },
      bounded: true,
    },
    {
      id: 'apply',
      kind: 'map',
      mode: 'inline',
      itemsMax: APPLIERS_MAX,
      each: [
        {
          id: 'apply-changes',
          kind: 'task',
          function: applyChanges,
          retry: 'applier',
          errors: { other: 'applier-failed' },
          next: 'applied',
          coveredBy: ['revoke', 'clean'],
        },
        { id: 'applier-failed', kind: 'wait', seconds: PAUSE_SECONDS },
        { id: 'applied', kind: 'end' },
      ],
      next: 'next-sync',
    },
    { id: 'pause', kind: 'wait', seconds: PAUSE_SECONDS, next: 'next-sync' },
    { id: 'renew', kind: 'start', machine: 'Sync', retry: 'renew', next: 'over' },
    { id: 'over', kind: 'end' },
  ],
} as const satisfies Machine;
