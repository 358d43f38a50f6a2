import { traitsOf } from '../../contract/lifecycle';
import type { ChunkItem } from '../../contract/payloads';
import type { Side } from '../../contract/sides';
import { InconsistentLedger } from '../errors';
import { flowOf } from '../flow';
import { scopeOf, scopePrefix, type Digest } from '../ledger';
import type { World } from '../world';

/** Recorded digest of a side with a row that cannot be read. */
const UNREADABLE: Digest = { rows: 0, checksum: '0:0' };

/**
 * Compares one chunk's count and checksum, each computed inside its database, and counts rows without parents. Where appliers
 * write concurrently, `unequal` is not final, and `equal` is valid until one of them writes to the chunk again; therefore the
 * count of such writes is read first. A source with an unreadable row is unequal: the copy skips that row and reports it.
 */
export async function verifyItem(
  { control, ends, refusalOf }: Pick<World, 'control' | 'ends' | 'refusalOf'>,
  item: ChunkItem,
): Promise<{ equal: boolean }> {
  const { from, to } = flowOf(ends, item.direction);
  await control.chunks.startComparison(item);
  const of = { ...item, owner: await control.owner() };
  const [table, lease, { shape }] = await Promise.all([
    control.chunks.table(item.migration, item.generation, item.table),
    to.verifier.readLease(scopeOf(of, to.side, item)),
    control.recordOrFail(item.migration),
  ]);
  if (!table || !lease)
    throw new InconsistentLedger(`the plan of ${item.migration} has no chunk ${item.table}#${item.chunk}`);
  const touches = traitsOf(shape).capturesChanges
    ? ((await to.verifier.touches(scopePrefix(of, to.side, item.table))).get(item.chunk) ?? 0)
    : null;
  const [left, right, orphans] = await Promise.all([
    from.verifier.digestFrom(table.layout, lease).catch((error: unknown) => {
      if (refusalOf(error)?.kind !== 'invalid value') throw error;
      return null;
    }),
    to.verifier.digestTo(table.layout, lease),
    to.verifier.orphans(table.layout, lease),
  ]);
  const equal = left !== null && left.rows === right.rows && left.checksum === right.checksum;
  await control.chunks.compared(
    item,
    equal ? 'equal' : 'unequal',
    { [from.side]: left ?? UNREADABLE, [to.side]: right } as Record<Side, Digest>,
    orphans,
    equal ? touches : null,
  );
  return { equal };
}
