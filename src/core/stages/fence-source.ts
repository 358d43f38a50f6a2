import type { Run } from '../../contract/payloads';
import { attemptOf, intentOf, servingSide } from '../../contract/writes';
import { BrokenLedger, FenceExpired, WrongState } from '../errors';
import type { MigrationRecord } from '../ledger';
import { behindFence } from './cancel-fence';
import { isFinished, ownedRecord, runStage } from './stage';
import type { StageContext } from './world';

/**
 * Refuses writes to the side that rows come from until a deadline. The intent is durable first, and with it the epoch of the
 * fence: after a resume, the database says whether that epoch has fenced it.
 * @throws FenceExpired if the fence of an earlier attempt has opened itself: rows may have changed since
 */
export const fenceSource = (context: StageContext): Promise<Run> =>
  behindFence(context, () => fence(context));

async function fence(context: StageContext): Promise<Run> {
  const record = await ownedRecord(context);
  if (isFinished(record, 'fence-source')) return context.run;
  const { writes, fenceEpoch } = intentOf(record.writes) ? record : await intend(context, record);
  if (fenceEpoch === null)
    throw new BrokenLedger(
      `writes of ${record.migration} are ${writes}, and no epoch was reserved for the fence`,
    );
  const attempt = attemptOf(writes);
  return runStage(
    context,
    'fence-source',
    async () => {
      const deadline = await context.flow.from.guard.setGuard({
        migration: record.migration,
        epoch: fenceEpoch,
        state: 'fenced',
        from: ['open'],
        seconds: context.definition.fenceSeconds,
      });
      const noted = await context.control.setWrites(record.migration, writes, writes, ['running'], {
        fenceDeadline: deadline,
      });
      if (!noted)
        throw new WrongState(`cutover attempt ${attempt} of migration ${record.migration} was cancelled`);
      await assertFenced(context);
      return { attempt, deadline };
    },
    writes,
  );
}

async function intend(context: StageContext, record: MigrationRecord): Promise<MigrationRecord> {
  const { control, flow, run } = context;
  for (let seen = record; ;) {
    const intended = await control.intendCutover(seen);
    if (intended) {
      const { writes, fenceEpoch: epoch } = intended;
      const attempt = attemptOf(writes);
      await control.journal.append(run.migration, run.generation, 'fence intended', { attempt, epoch });
      return intended;
    }
    // An epoch was given meanwhile, or another invocation of this very step was quicker: its fence is this one's too.
    seen = await ownedRecord(context);
    if (intentOf(seen.writes)) return seen;
    if (servingSide(seen.writes) !== flow.from.side)
      throw new WrongState(`writes of migration ${run.migration} are not at the ${flow.from.side} any more`);
  }
}

/** @throws FenceExpired unless the side that rows come from refuses writes now */
export async function assertFenced({ flow, run }: StageContext): Promise<void> {
  const { guard: own, side } = flow.from;
  const guard = await own.readGuard(run.migration);
  if (guard?.state === 'sealed' || (guard?.state === 'fenced' && !guard.expired)) return;
  const state = guard?.expired ? 'expired' : (guard?.state ?? 'gone');
  throw new FenceExpired(
    `the fence on the ${side} of migration ${run.migration} is ${state}: rows may have changed since; ${
      run.shape === 'cdc'
        ? 'the cutover is tried again when sync has caught up'
        : 'abort, and start again with a longer fence.minutes'
    }`,
  );
}
