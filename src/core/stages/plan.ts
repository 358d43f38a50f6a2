import { traitsOf } from '../../contract/lifecycle';
import type { Run } from '../../contract/payloads';
import { asOwningRun } from '../authority';
import { InconsistentLedger } from '../errors';
import { applierScope, scopeOf, scopePrefix } from '../ledger';
import { describeCaptured, intactCaptures } from '../sync/captures';
import { runStage } from '../execution/run-stage';
import type { PlannedTable, StageContext } from '../world';

/** Maximum chunks of one table: every wave lists them all. */
const CHUNKS_MAX = 10_000;
/** Blocks to sample per chunk, and the minimum per table. */
const BLOCKS_PER_CHUNK = 8;
const BLOCKS_MIN = 64;
const BLOCK_BYTES = 8_192;
/** Assumed size of a row on disk. */
const ROW_BYTES_ASSUMED = 64;

/** Divides every table into chunks. A table's leases are created all at once, so an interrupted plan is continued. */
export const plan = (context: StageContext): Promise<Run> =>
  runStage(context, 'plan', async ({ shape }) => {
    const { run } = context;
    const captures = traitsOf(shape).capturesChanges ? await intactCaptures(context, run.generation) : null;
    const chunks: Record<string, number> = {};
    for (const planned of await (captures
      ? describeCaptured(context)
      : context.describe(context.flow.direction))) {
      chunks[planned.table] = captures
        ? await planLiveTable(context, planned, captures.get(planned.table)!)
        : await planTable(context, planned);
    }
    return { chunks };
  });

async function planTable(context: StageContext, planned: PlannedTable): Promise<number> {
  const { flow, control, run } = context;
  const { table, layout } = planned;
  const { rowsEstimated, keys } = await boundariesOf(context, planned);
  const { prefix, chunks } = await asOwningRun(context, async (authority) => {
    const prefix = scopePrefix(authority, flow.to.side, table);
    return { prefix, chunks: await flow.to.leases.plan(authority, layout, prefix, keys) };
  });
  if (chunks === 0) throw new InconsistentLedger(`the ${flow.to.side} holds no leases under ${prefix}`);
  await control.chunks.plan(run.migration, run.generation, { table, chunks, rowsEstimated, layout });
  return chunks;
}

/**
 * Plans a captured table under writes: rows after its last key belong to the appliers from the start, so that the copy ends.
 * The leases say which range that is, because an earlier attempt at this plan may have found another last key.
 */
async function planLiveTable(context: StageContext, planned: PlannedTable, capture: string): Promise<number> {
  const { control, run } = context;
  const { reader, log } = context.flow.from;
  const { leases, side } = context.flow.to;
  const { migration, generation } = run;
  const { table, layout } = planned;
  const { rowsEstimated, keys } = await boundariesOf(context, planned);
  const lastKey = await reader.lastKey(layout);
  const { chunks, last } = await asOwningRun(context, async (authority) => {
    const prefix = scopePrefix(authority, side, table);
    const count = await leases.plan(authority, layout, prefix, keys, lastKey);
    const read = await leases.read(scopeOf(authority, side, { table, chunk: count - 1 }));
    if (!read) throw new InconsistentLedger(`the ${side} holds no leases under ${prefix}`);
    for (let partition = 0; partition < layout.partitions; partition += 1)
      await leases.planPartition(authority, applierScope(authority, side, table, partition));
    return { chunks: count, last: read };
  });
  const isClosed = last.token > 0 && !last.open && last.lower !== null;
  if (isClosed) await log.enqueue(layout, capture, [last.lower]);
  await control.chunks.plan(
    migration,
    generation,
    { table, chunks, rowsEstimated, layout },
    isClosed ? [chunks - 1] : [],
  );
  return chunks;
}

const boundariesOf = ({ flow }: StageContext, planned: PlannedTable) =>
  flow.from.reader.boundaries(planned.layout, planned.rowsPerChunk, samplePercent(planned), CHUNKS_MAX);

/** Percentage of the blocks to sample: it depends on the number of chunks, not on the table's size. */
export function samplePercent({
  heapBytes,
  rowsPerChunk,
}: Pick<PlannedTable, 'heapBytes' | 'rowsPerChunk'>): number {
  const blocks = Math.max(1, Math.ceil(heapBytes / BLOCK_BYTES));
  const chunks = Math.min(CHUNKS_MAX, Math.ceil(heapBytes / ROW_BYTES_ASSUMED / rowsPerChunk));
  const wanted = Math.max(BLOCKS_MIN, chunks * BLOCKS_PER_CHUNK);
  return Math.min(100, (wanted / blocks) * 100);
}
