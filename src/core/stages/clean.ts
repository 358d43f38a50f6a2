import { traitsOf } from '../../contract/lifecycle';
import { flowOf } from '../flow';
import { abortedRecord } from './reopen';
import type { World } from '../world';

/** Last step of an abort: restores the receiving side and removes everything that Sluice installed. Safe to repeat. */
export async function clean(world: World): Promise<void> {
  const { control, definition } = world;
  const migration = definition.name;
  const record = await abortedRecord(world);
  if (record.status === 'aborted') return;
  const { from, to } = flowOf(world.ends, record.direction);
  // Capture is removed in small steps first: removed with the rest, it would block the writers of all tables at once.
  if (traitsOf(record.shape).capturesChanges) await from.installer.stopCapture(migration);
  const keptAsCopied = await to.installer.uninstall(migration);
  await from.installer.uninstall(migration);
  await control.journal.append(migration, record.generation, 'aborted', {
    reason: record.reason,
    keptAsCopied,
  });
  await control.setAborted(migration, record.generation);
}
