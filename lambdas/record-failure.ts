import { recordFailure as record } from '../src/core/execution/record-failure';
import { handler } from './handler';

/** Holds a migration that its execution leaves without success. */
export const recordFailure = handler('recordFailure', ({ migration, execution, failure }, { world }) =>
  record(world, migration, execution, failure),
);
