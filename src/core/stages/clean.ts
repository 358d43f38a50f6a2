import { traitsOf } from '../../contract/lifecycle';
import { abortedRecord } from './reopen';
import type { World } from './world';

/** Last step of an abort: takes the target back to what it was and removes everything that Sluice installed. Safe to repeat. */
export async function clean(world: World): Promise<void> {
  const { control, installers, definition } = world;
  const migration = definition.name;
  const record = await abortedRecord(world);
  if (record.status === 'aborted') return;
  // In small steps: removed with the rest, it would hold up the writers of every table at once.
  if (traitsOf(record.shape).capturesChanges) await installers.source.stopCapture(migration);
  const keptAsCopied = await installers.target.uninstall(migration);
  await installers.source.uninstall(migration);
  await control.journal.append(migration, record.generation, 'aborted', {
    reason: record.reason,
    keptAsCopied,
  });
  await control.setAborted(migration);
}
