import { applyItem } from '../src/core/sync/apply-item';
import { handler } from './handler';

/** Applies the changes of the partitions assigned to this applier until shortly before the deadline. */
export const applyChanges = handler('applyChanges', (item, { world, remainingMs, publish }) =>
  applyItem(world, item, remainingMs, ({ lagMs, pending, applied, retries }) =>
    publish({
      syncLag: lagMs,
      pendingKeys: pending,
      changesApplied: applied,
      syncRetries: retries,
    }),
  ),
);
