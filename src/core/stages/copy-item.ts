import type { ChunkItem } from '../../contract/payloads';
import { copyChunk } from '../copy-chunk';
import { BrokenLedger } from '../errors';
import type { Chunk, ChunkRecord } from '../ledger';
import type { World } from './world';

/** Claims one chunk and copies it. `done` false: the worker's time ran out; invoke again. */
export async function copyItem(
  world: World,
  item: ChunkItem,
  remainingMs: () => number,
): Promise<{ done: boolean; rows: number }> {
  const { control, definition } = world;
  const claimed = await control.chunks.claim(item);
  if (!claimed) return { done: true, rows: 0 };
  const { chunk, record } = claimed;
  try {
    const [table, migration] = await Promise.all([
      control.chunks.table(item.migration, item.generation, item.table),
      control.recordOrFail(item.migration),
    ]);
    const mapping = definition.tables.find((candidate) => candidate.target === item.table);
    if (!table || !mapping)
      throw new BrokenLedger(`the plan of ${item.migration} has no table ${item.table}`);
    const done = await copyChunk(
      { ...world, ledger: control.chunks },
      {
        chunk,
        layout: table.layout,
        before: record,
        life: record.reopened,
        clear: record.reopened > 0 || mapping.existingRows === 'replace',
        rowsPerSecondMax: paceOf(world),
        salt: migration.salt,
        remainingMs,
      },
    );
    return { done, rows: record.rows };
  } catch (error) {
    await noteFailure(world, chunk, record, error);
    throw error;
  }
}

/** One budget, shared by the open copiers. */
function paceOf({ definition: { throttle } }: World): number | null {
  return throttle.rowsPerSecondMax === undefined ? null : throttle.rowsPerSecondMax / throttle.copiersMax;
}

async function noteFailure(world: World, chunk: Chunk, _record: ChunkRecord, error: unknown): Promise<void> {
  const name = error instanceof Error ? error.name : 'Error';
  // The copy's own error is the one to report; a ledger that cannot be reached now will be noticed by itself.
  await world.control.chunks.fail(chunk, name).catch(() => undefined);
}
