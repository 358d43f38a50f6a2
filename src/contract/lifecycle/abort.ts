/** `Abort`: returns a migration to the end that serves. Not the reverse order of stages: revoke, open, clean. */
import type { FunctionRow, Machine } from './model';
import { LONG } from './sizes';

const FUNCTIONS = {
  revoke: {
    name: 'revoke',
    size: LONG,
    input: 'abort',
    from: ['control'],
    to: ['control'],
    changes: ['from', 'to'],
  },
  reopen: { name: 'reopen', size: LONG, input: 'abort', from: ['control'], changes: ['from'] },
  clean: {
    name: 'clean',
    size: LONG,
    input: 'abort',
    from: ['owner', 'control'],
    to: ['owner', 'control'],
    changes: ['from', 'to'],
  },
} as const satisfies Readonly<Record<string, FunctionRow>>;

/**
 * An error that remains fails the execution; starting it again continues from what the ledger and the databases say. An abort of
 * another generation, or of a run that was resumed since, does nothing and ends as `ignored`; its output says why.
 */
export const ABORT = {
  name: 'Abort',
  timeoutSeconds: 86_400,
  requires: ['generation'],
  numbers: ['generation'],
  defaults: { reason: 'no reason was given', runStartedAt: '' },
  remedy:
    'Run npx sluice abort <name>, or start the execution with {"migration": "<name>", "generation": <number>}; npx sluice status <name> shows the generation.',
  eventBudget: 5_000,
  steps: [
    {
      id: 'revoke',
      kind: 'gate',
      function: FUNCTIONS.revoke,
      retry: 'abort',
      verdicts: { revoked: 'stop-execution', nothing: 'ignored' },
    },
    { id: 'stop-execution', kind: 'stop', machine: 'Migration' },
    {
      id: 'reopen',
      kind: 'gate',
      function: FUNCTIONS.reopen,
      retry: 'abort',
      verdicts: { opened: 'clean', nothing: 'ignored' },
    },
    {
      id: 'clean',
      kind: 'gate',
      function: FUNCTIONS.clean,
      retry: 'abort',
      verdicts: { cleaned: 'aborted', nothing: 'ignored' },
    },
    { id: 'aborted', kind: 'end' },
    { id: 'ignored', kind: 'end' },
  ],
} as const satisfies Machine;
