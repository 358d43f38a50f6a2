/** `Abort`: takes a migration back to the end that serves. Not the reverse order of stages: revoke, open, clean. */
import type { FunctionRow, Machine } from './model';
import { LONG } from './sizes';

const FUNCTIONS = {
  revoke: {
    name: 'revoke',
    size: LONG,
    input: 'abort',
    from: ['worker'],
    to: ['worker'],
    changes: ['from', 'to'],
  },
  reopen: { name: 'reopen', size: LONG, input: 'abort', from: ['worker'], changes: ['from'] },
  clean: {
    name: 'clean',
    size: LONG,
    input: 'abort',
    from: ['owner'],
    to: ['owner'],
    changes: ['from', 'to'],
  },
} as const satisfies Readonly<Record<string, FunctionRow>>;

/** An error that remains fails the execution; starting it again continues from what the ledger and the databases say. */
export const ABORT = {
  name: 'Abort',
  timeoutSeconds: 86_400,
  requires: [],
  defaults: { reason: 'no reason was given' },
  remedy: 'Start the execution with {"migration": "<name>"}.',
  eventBudget: 5_000,
  steps: [
    { id: 'revoke', kind: 'task', function: FUNCTIONS.revoke, retry: 'abort' },
    { id: 'stop-owner', kind: 'stop', machine: 'Migration' },
    { id: 'reopen', kind: 'task', function: FUNCTIONS.reopen, retry: 'abort' },
    { id: 'clean', kind: 'task', function: FUNCTIONS.clean, retry: 'abort' },
    { id: 'aborted', kind: 'end' },
  ],
} as const satisfies Machine;
