import { revoke as revokeWorkers } from '../src/core/stages/abort';
import { handler } from './handler';

/** Abort, step 1: wins against the flip, then fences every worker. */
export const revoke = handler('revoke', async (input, { world }) => {
  const { owner } = await revokeWorkers(world, input.reason);
  return { ...input, owner };
});
