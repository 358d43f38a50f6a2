import { copyItem } from '../src/core/backfill/copy-item';
import { handler } from './handler';

/** Copies one chunk, or as much of it as the deadline allows. */
export const copyChunk = handler('copyChunk', async (item, { world, remainingMs, measure }) => {
  const { done, progress } = await copyItem(world, item, remainingMs);
  measure({ rowsCopied: progress.rows, bytesCopied: progress.bytes, rowsRefused: progress.skipped });
  return { ...item, verdict: done ? 'done' : 'more' };
});
