import { abortedWrites } from '../../contract/writes';
import { WrongState } from '../errors';
import type { MigrationRecord } from '../ledger';
import type { World } from '../world';

/**
 * First step of an abort: rules out the flip by a compare-and-set, then fences every worker in both databases. Returns the
 * execution to stop, if one owns the migration. Safe to repeat.
 * @throws WrongState after the flip, which cannot be aborted
 */
export async function revoke(world: World, reason: string): Promise<{ owner: string | null }> {
  const { control, ends } = world;
  const migration = world.definition.name;
  const record = await cancel(world, reason);
  if (record.status === 'aborted') return { owner: null };
  // Draw the epoch first: everything that the next generation does after this read is newer.
  const epoch = await control.nextEpoch(migration);
  const now = await control.recordOrFail(migration);
  if (now.generation !== record.generation || now.status !== 'aborting') return { owner: null };
  await Promise.all(Object.values(ends).map(({ guard }) => guard.revoke(migration, epoch)));
  await control.journal.append(migration, record.generation, 'workers revoked', { epoch });
  return { owner: record.owner };
}

async function cancel({ control, definition }: World, reason: string): Promise<MigrationRecord> {
  for (;;) {
    const record = await control.record(definition.name);
    if (!record)
      throw new WrongState(`migration ${definition.name} was never started; there is nothing to abort`);
    const aborting = abortedWrites(record.writes, record.direction);
    if (aborting === null || record.status === 'done') {
      throw new WrongState(
        `generation ${record.generation} of migration ${definition.name}, direction ${record.direction}, cannot be aborted: writes are ${record.writes}. An abort takes a forward generation back to the source, and comes before the flip`,
      );
    }
    if (record.status === 'aborted' || record.status === 'aborting') return record;
    const changes = { status: 'aborting', reason };
    if (await control.setWrites(record, aborting, ['running', 'held'], changes)) {
      await control.journal.append(record.migration, record.generation, 'abort decided', {
        reason,
        writes: record.writes,
      });
      return record;
    }
  }
}
