import { clean as remove } from '../src/core/stages/clean';
import { handler } from './handler';

/** Abort, step 3: empties the other end and removes everything that Sluice installed. */
export const clean = handler('clean', async ({ migration, reason }, { world }) => {
  await remove(world);
  return { migration, reason };
});
