import { traitsOf } from '../../contract/lifecycle';
import type { ChunkItem } from '../../contract/payloads';
import { authorityOf } from '../authority';
import { copyChunk } from './copy-chunk';
import { InconsistentLedger, RowFunctionFailed } from '../errors';
import { flowOf } from '../flow';
import { existingRowsFor } from '../definition/inverse-mapping';
import type { Chunk } from '../ledger';
import type { CopyProgress } from '../ports';
import { intactCaptures } from '../sync/captures';
import type { FlowContext, World } from '../world';

const NOTHING: CopyProgress = { pages: 0, rows: 0, bytes: 0, skipped: 0 };

/** Claims one chunk and copies it. `done` is false if the worker's time ran out: invoke it again. */
export async function copyItem(
  world: World,
  item: ChunkItem,
  remainingMs: () => number,
): Promise<{ done: boolean; progress: CopyProgress }> {
  const { control, definition } = world;
  const flow = flowOf(world.ends, item.direction);
  const claimed = await control.chunks.claim(item);
  if (!claimed) return { done: true, progress: NOTHING };
  const { chunk, record } = claimed;
  try {
    const [table, migration] = await Promise.all([
      control.chunks.table(item.migration, item.generation, item.table),
      control.recordOrFail(item.migration),
    ]);
    const mapping = definition.tables.find((candidate) => candidate.target === item.table);
    if (!table || !mapping)
      throw new InconsistentLedger(`the plan of ${item.migration} has no table ${item.table}`);
    const { done, moved } = await copyChunk(
      { ...world, ...flow, ledger: control.chunks },
      {
        authority: await authorityOf(world, { ...migration, generation: item.generation }),
        chunk,
        layout: table.layout,
        before: record,
        attempt: record.reopened,
        clear: record.reopened > 0 || existingRowsFor(item.direction, mapping) === 'replace',
        capture: traitsOf(migration.shape).capturesChanges ? await captureOf({ ...world, flow }, item) : null,
        rowsPerSecondMax: paceOf(world),
        salt: migration.salt,
        remainingMs,
      },
    );
    return { done, progress: moved };
  } catch (error) {
    await recordFailureOf(world, chunk, error);
    throw error;
  }
}

/** Id of the table's capture, in whose log the copier enters the keys that it leaves to the appliers. */
async function captureOf(context: FlowContext, { migration, generation, table }: ChunkItem): Promise<string> {
  const capture = (await intactCaptures(context, generation)).get(table);
  if (capture === undefined) throw new InconsistentLedger(`the plan of ${migration} has no table ${table}`);
  return capture;
}

/** One budget, shared by the open copiers. */
function paceOf({ definition: { throttle } }: World): number | null {
  return throttle.rowsPerSecondMax === undefined ? null : throttle.rowsPerSecondMax / throttle.copiersMax;
}

async function recordFailureOf(world: World, chunk: Chunk, error: unknown): Promise<void> {
  const named = error instanceof Error ? error.name : 'Error';
  // The message of a failed row function contains no values; messages of other errors may.
  const name = error instanceof RowFunctionFailed ? `${named}: ${error.message}` : named;
  const sqlState = (error as { sqlState?: string | null }).sqlState ?? null;
  // Report the copy's own error; if the ledger is unreachable, later calls will report that.
  await world.control.chunks
    .fail(chunk, sqlState === null ? name : `${name} ${sqlState}`)
    .catch(() => undefined);
}
