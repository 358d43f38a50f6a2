import { recordFailure as record } from '../src/core/execution/record-failure';
import { handler } from './handler';

/** Puts a migration on hold after its execution failed. */
export const recordFailure = handler('recordFailure', ({ migration, execution, failure }, { world }) =>
  record(world, migration, execution, failure),
);
