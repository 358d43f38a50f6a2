import { openClaim } from '../src/adapters/open-world';
import { claimMigration as claim } from '../src/core/execution/claim-migration';
import { handlerOf } from './handler';

/** Claims the migration for an execution. */
export const claimMigration = handlerOf('claimMigration', openClaim, (input, { world }) =>
  claim(world, input),
);
