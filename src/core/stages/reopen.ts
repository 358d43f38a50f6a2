import { WrongState } from '../errors';
import type { MigrationRecord } from '../ledger';
import { flowOf } from '../flow';
import type { World } from '../world';

/** Second step of an abort: opens the serving side to its application. Safe to repeat. */
export async function reopen(world: World): Promise<void> {
  const { control, definition } = world;
  const migration = definition.name;
  // Draw the epoch first: a fence of the next generation is newer, so this call cannot open it.
  const epoch = await control.nextEpoch(migration);
  const record = await abortedRecord(world);
  const { guard, side } = flowOf(world.ends, record.direction).from;
  if (record.status === 'aborted' || !(await guard.readGuard(migration))) return;
  await guard.setGuard({ migration, epoch, state: 'open', from: ['open', 'fenced', 'sealed'] });
  await control.journal.append(migration, record.generation, `${side} opened`, { epoch });
}

/** @throws WrongState unless the migration is being aborted or was aborted */
export async function abortedRecord({ control, definition }: World): Promise<MigrationRecord> {
  const record = await control.recordOrFail(definition.name);
  if (record.status === 'aborted' || record.status === 'aborting') return record;
  throw new WrongState(`migration ${definition.name} is ${record.status}; revoke it first`);
}
