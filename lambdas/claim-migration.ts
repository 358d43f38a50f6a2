import { claimMigration as claim } from '../src/core/execution/claim-migration';
import { handler } from './handler';

/** Claims the migration for an execution. */
export const claimMigration = handler('claimMigration', ({ execution }, { world }) =>
  claim(world, execution),
);
