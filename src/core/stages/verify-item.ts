import type { ChunkItem } from '../../contract/payloads';
import { BrokenLedger } from '../errors';
import { scopeOf } from '../ledger';
import type { World } from './world';

/** Compares one chunk's count and checksum, each computed inside its database, and looks for rows without parents. */
export async function verifyItem(world: World, item: ChunkItem): Promise<{ equal: boolean }> {
  const { control, source, target } = world;
  await control.chunks.beginComparison(item);
  const [table, lease] = await Promise.all([
    control.chunks.table(item.migration, item.generation, item.table),
    target.readLease(scopeOf(item)),
  ]);
  if (!table || !lease)
    throw new BrokenLedger(`the plan of ${item.migration} has no chunk ${item.table}#${item.chunk}`);
  const [left, right, orphans] = await Promise.all([
    source.digest(table.layout, lease),
    target.digest(table.layout, lease),
    target.orphans(table.layout, lease),
  ]);
  const equal = left.rows === right.rows && left.checksum === right.checksum;
  await control.chunks.compared(item, equal ? 'equal' : 'unequal', left, right, orphans);
  return { equal };
}
