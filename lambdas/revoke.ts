import { revoke as revokeWorkers } from '../src/core/stages/revoke';
import { handler } from './handler';

/** Abort, step 1: rules out the flip, then fences every worker. */
export const revoke = handler('revoke', async ({ migration, reason }, { world }) => {
  const { owner } = await revokeWorkers(world, reason);
  return { migration, reason, owner };
});
