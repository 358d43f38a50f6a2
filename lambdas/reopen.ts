import { reopen as open } from '../src/core/stages/reopen';
import { handler } from './handler';

/** Abort, step 2: opens the serving end. */
export const reopen = handler('reopen', async ({ migration, reason }, { world }) => {
  await open(world);
  return { migration, reason };
});
