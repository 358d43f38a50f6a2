import type { ChunkItem } from '../../contract/payloads';
import { BrokenLedger } from '../errors';
import { scopeOf, scopePrefix } from '../ledger';
import type { World } from './world';

/**
 * Compares one chunk's count and checksum, each computed inside its database, and looks for rows without parents. Where
 * appliers write meanwhile, unequal is no verdict, and equal is one for as long as none of them touches the chunk again:
 * how often they had is read first.
 */
export async function verifyItem(
  { control, source, target }: Pick<World, 'control' | 'source' | 'target'>,
  item: ChunkItem,
): Promise<{ equal: boolean }> {
  await control.chunks.beginComparison(item);
  const [table, lease, { shape }] = await Promise.all([
    control.chunks.table(item.migration, item.generation, item.table),
    target.readLease(scopeOf(item)),
    control.recordOrFail(item.migration),
  ]);
  if (!table || !lease)
    throw new BrokenLedger(`the plan of ${item.migration} has no chunk ${item.table}#${item.chunk}`);
  const touches = shape === 'cdc' ? await touchesOf(target, item) : null;
  const [left, right, orphans] = await Promise.all([
    source.digest(table.layout, lease),
    target.digest(table.layout, lease),
    target.orphans(table.layout, lease),
  ]);
  const equal = left.rows === right.rows && left.checksum === right.checksum;
  await control.chunks.compared(
    item,
    equal ? 'equal' : 'unequal',
    left,
    right,
    orphans,
    equal ? touches : null,
  );
  return { equal };
}

async function touchesOf(
  target: World['target'],
  { migration, generation, table, chunk }: ChunkItem,
): Promise<number> {
  return (await target.touches(scopePrefix(migration, generation, table))).get(chunk) ?? 0;
}
