import { traitsOf } from '../../contract/lifecycle';
import type { Run } from '../../contract/payloads';
import { FenceExpired, WrongState } from '../errors';
import { fenceAttempt, type MigrationRecord, type Writes } from '../ledger';
import type { GuardStatus } from '../ports';
import { isClosed } from './next';
import { isFinished, ownedRecord, runStage } from '../stages/stage';
import type { StageContext } from '../stages/world';

/**
 * Refuses writes to the source until a deadline. The intent is durable first: whoever resumes finds `fenced#N`, and the
 * database says whether epoch N has fenced it.
 * @throws FenceExpired if the fence of an earlier attempt has opened itself: rows may have changed since
 */
export async function fence(context: StageContext): Promise<Run> {
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
export async function assertFenced(context: StageContext): Promise<void> {
  const guard = await context.flow.from.guard.readGuard(context.run.migration);
  if (!isClosed(guard)) throw fenceExpired(context, guard);
}

export function fenceExpired({ flow, run }: StageContext, guard: GuardStatus | null): FenceExpired {
  const state = guard?.expired ? 'expired' : (guard?.state ?? 'gone');
  return new FenceExpired(
    `the fence on the ${flow.from.side} of migration ${run.migration} is ${state}: rows may have changed since; ${
      traitsOf(run.shape).fences === 'cutover'
        ? 'the cutover is repeated when sync has caught up'
        : 'abort, and start again with a longer fence.minutes'
    }`,
  );
}
