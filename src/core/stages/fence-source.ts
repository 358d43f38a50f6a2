import type { Run } from '../../contract/payloads';
import { FenceExpired, WrongState } from '../errors';
import { fenceAttempt, type MigrationRecord, type Writes } from '../ledger';
import { behindFence } from './cancel-fence';
import { isFinished, ownedRecord, runStage } from './stage';
import type { StageContext } from './world';

/**
 * Refuses writes to the source until a deadline. The intent is durable first: whoever resumes finds `fenced#N`, and the
 * database says whether epoch N has fenced it.
 * @throws FenceExpired if the fence of an earlier attempt has opened itself: rows may have changed since
 */
export const fenceSource = (context: StageContext): Promise<Run> =>
  behindFence(context, () => fence(context));

async function fence(context: StageContext): Promise<Run> {
  const record = await ownedRecord(context);
  if (isFinished(record, 'fence-source')) return context.run;
  const attempt = fenceAttempt(record.writes) ?? (await intend(context, record));
  const writes: Writes = `fenced#${attempt}`;
  return runStage(
    context,
    'fence-source',
    async () => {
      const deadline = await context.flow.from.guard.setGuard({
        migration: record.migration,
        epoch: attempt,
        state: 'fenced',
        from: ['open'],
        seconds: context.definition.fenceSeconds,
      });
      const noted = await context.control.setWrites(record.migration, writes, writes, ['running'], {
        fenceDeadline: deadline,
      });
      if (!noted) throw new WrongState(`the fence ${attempt} of migration ${record.migration} was cancelled`);
      await assertFenced(context);
      return { attempt, deadline };
    },
    writes,
  );
}

async function intend(context: StageContext, record: MigrationRecord): Promise<number> {
  const { control, run } = context;
  const attempt = await control.nextEpoch(run.migration);
  if (!(await control.setWrites(run.migration, record.writes, `fenced#${attempt}`, ['running']))) {
    // Another invocation of this very step may have been quicker: its fence is this one's too.
    const { writes } = await ownedRecord(context);
    const other = fenceAttempt(writes);
    if (other !== null) return other;
    throw new WrongState(`writes of migration ${run.migration} are not at the source any more`);
  }
  await control.journal.append(run.migration, run.generation, 'fence intended', { attempt });
  return attempt;
}

/** @throws FenceExpired unless the source refuses writes now */
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
