import { undo as undoStages } from '../src/core/stages/abort';
import { handler } from './handler';

/** Abort, step 2: opens the source, brings the target back, removes what Sluice installed. */
export const undo = handler('undo', async (_input, { world }) => {
  await undoStages(world);
  return { aborted: true as const };
});
