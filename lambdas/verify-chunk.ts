import { verifyItem } from '../src/core/verification/verify-item';
import { handler } from './handler';

/** Compares one chunk by count and checksum. */
export const verifyChunk = handler('verifyChunk', async (item, { world, measure }) => {
  const verdict = await verifyItem(world, item);
  measure({ chunksUnequal: verdict.equal ? 0 : 1 });
  return verdict;
});
