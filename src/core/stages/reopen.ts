import { WrongState } from '../errors';
import type { MigrationRecord } from '../ledger';
import type { World } from './world';

/** Second step of an abort: opens the source to its application. Safe to repeat. */
export async function reopen(world: World): Promise<void> {
  const { control, source, definition } = world;
  const migration = definition.name;
  const record = await abortedRecord(world);
  if (record.status === 'aborted' || !(await source.readGuard(migration))) return;
  const epoch = await control.nextEpoch(migration);
  await source.setGuard({ migration, epoch, state: 'open', from: ['open', 'fenced', 'sealed'] });
  await control.journal.append(migration, record.generation, 'source opened', { epoch });
}

/** @throws WrongState unless the migration is being aborted, or was */
export async function abortedRecord({ control, definition }: World): Promise<MigrationRecord> {
  const record = await control.recordOrFail(definition.name);
  if (record.status === 'aborted' || record.status === 'aborting') return record;
  throw new WrongState(`migration ${definition.name} is ${record.status}; revoke it first`);
}
