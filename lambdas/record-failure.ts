import { openLedger } from '../src/adapters/open-world';
import { recordFailure as record } from '../src/core/execution/record-failure';
import { handlerOf } from './handler';

/** Puts a migration on hold after its execution failed. It needs only the ledger. */
export const recordFailure = handlerOf(
  'recordFailure',
  openLedger,
  ({ migration, execution, failure }, { world }) => record(world, migration, execution, failure),
);
