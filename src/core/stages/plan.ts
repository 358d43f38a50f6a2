import type { Run } from '../../contract/payloads';
import { BrokenLedger } from '../errors';
import { scopePrefix } from '../ledger';
import { runStage } from './stage';
import type { PlannedTable, StageContext } from './world';

/** Chunks of one table, at most: a wave of them is listed again and again. */
const CHUNKS_MAX = 10_000;
/** Blocks that are sampled for each chunk, and at least. */
const BLOCKS_PER_CHUNK = 8;
const BLOCKS_MIN = 64;
const BLOCK_BYTES = 8_192;
/** What a row is taken to be on disk before any was seen. */
const ROW_BYTES_ASSUMED = 64;

/** Cuts every table into chunks. A table's leases come to be all at once, so a plan that was cut off is gone on with. */
export const plan = (context: StageContext): Promise<Run> =>
  runStage(context, 'plan', async () => {
    const chunks: Record<string, number> = {};
    for (const table of await context.describe()) chunks[table.table] = await planTable(context, table);
    return { chunks };
  });

async function planTable(
  { source, target, control, run }: StageContext,
  planned: PlannedTable,
): Promise<number> {
  const { table, layout, rowsPerChunk } = planned;
  const prefix = scopePrefix(run.migration, run.generation, table);
  const percent = samplePercent(planned);
  const { rowsEstimated, keys } = await source.boundaries(layout, rowsPerChunk, percent, CHUNKS_MAX);
  const chunks = await target.plan(layout, prefix, keys);
  if (chunks === 0) throw new BrokenLedger(`the target holds no leases under ${prefix}`);
  await control.chunks.plan(run.migration, run.generation, { table, chunks, rowsEstimated, layout });
  return chunks;
}

/** Share of the blocks to sample: as many as the chunks need, not as many as there are. */
export function samplePercent({
  heapBytes,
  rowsPerChunk,
}: Pick<PlannedTable, 'heapBytes' | 'rowsPerChunk'>): number {
  const blocks = Math.max(1, Math.ceil(heapBytes / BLOCK_BYTES));
  const chunks = Math.min(CHUNKS_MAX, Math.ceil(heapBytes / ROW_BYTES_ASSUMED / rowsPerChunk));
  const wanted = Math.max(BLOCKS_MIN, chunks * BLOCKS_PER_CHUNK);
  return Math.min(100, (wanted / blocks) * 100);
}
