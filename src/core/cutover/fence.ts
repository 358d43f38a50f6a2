import { stageBefore, traitsOf } from '../../contract/lifecycle';
import type { Run } from '../../contract/payloads';
import { attemptOf, intentOf, servingSide } from '../../contract/writes';
import { asOwningRun, assertLedgerIsCurrent, authorityOf, readOwnGuard } from '../authority';
import { FenceExpired, TransientFailure, WrongState } from '../errors';
import type { MigrationRecord } from '../ledger';
import type { GuardStatus } from '../guard-ports';
import { attemptEpochsOf } from './attempt-epochs';
import { assertGuarded, assertReceiverUntouched } from './guarded-tables';
import { isClosed, mayFence } from './next';
import { findObstacles, obstaclesText, recordObstacles } from './readiness';
import { isFinished, ownedRecord, runStage } from '../execution/run-stage';
import type { StageContext } from '../world';

/**
 * Refuses writes to the side that rows come from until a deadline. First the intent and the epoch of the fence are recorded:
 * after a resume, the database says whether that epoch has fenced it. If the ends are not ready, nothing is fenced: shape `cdc`
 * returns to catching up, which waits.
 * @throws TransientFailure if the ends are not ready and nothing else waits for them
 * @throws InconsistentLedger if the guards do not cover exactly the tables that move; nothing was fenced
 * @throws FenceExpired if the fence of an earlier attempt has expired: rows may have changed since
 */
export async function fence(context: StageContext): Promise<Run> {
  const record = await ownedRecord(context);
  if (isFinished(record, 'fence')) return context.run;
  if (intentOf(record.writes) === null) {
    await assertGuarded(context);
    await assertReceiverUntouched(context);
    if (mayFence(record) && !(await isReady(context, record))) return context.run;
    await arm(context);
  }
  const intended = intentOf(record.writes) ? record : await intend(context, record);
  const { writes } = intended;
  const { fence: epoch } = attemptEpochsOf(intended);
  const attempt = attemptOf(writes);
  return runStage(
    context,
    'fence',
    async () => {
      const authority = await authorityOf(context, record, epoch);
      const deadline = await context.flow.from.guard.setGuard(authority, {
        state: 'fenced',
        seconds: context.definition.fenceSeconds,
      });
      const noted = await context.control.setWrites({ ...record, writes }, writes, ['running'], {
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

/** Checks both ends before anything is armed or intended, because closing would only fail, or leave an end that cannot be opened. */
async function isReady(context: StageContext, record: MigrationRecord): Promise<boolean> {
  const obstacles = await findObstacles(context, record);
  const waits = traitsOf(record.shape).fences === 'cutover';
  const before = waits ? stageBefore(record.shape, 'catch-up') : record.stage;
  await recordObstacles(context, record, obstacles, before);
  if (obstacles.length > 0 && !waits) throw new TransientFailure(obstaclesText(record.migration, obstacles));
  return obstacles.length === 0;
}

/** Creates the triggers before the fence, table by table, so that no writer waits for them. The fence creates what is missing. */
const arm = (context: StageContext): Promise<void> =>
  asOwningRun(context, (authority) => context.flow.from.guard.arm(authority));

/** @throws WrongState if writes moved or were returned: the next attempt needs the stages before the fence again */
async function intend(context: StageContext, record: MigrationRecord): Promise<MigrationRecord> {
  const { control, flow, run } = context;
  for (let seen = record; ;) {
    if (!mayFence(seen))
      throw new WrongState(
        `migration ${run.migration} is at stage ${seen.stage ?? 'none'}, which is before the fence`,
      );
    await assertLedgerIsCurrent(context, run.migration, [flow.from, flow.to]);
    const intended = await control.intendCutover(seen);
    if (intended) {
      const { writes, fenceEpoch: epoch } = intended;
      const attempt = attemptOf(writes);
      await control.journal.append(run.migration, run.generation, 'fence intended', { attempt, epoch });
      return intended;
    }
    // An epoch was used in the meantime, or another invocation of this step was first: then its fence is also this one's.
    seen = await ownedRecord(context);
    if (intentOf(seen.writes)) return seen;
    if (servingSide(seen.writes) !== flow.from.side)
      throw new WrongState(`writes of migration ${run.migration} are no longer at the ${flow.from.side}`);
  }
}

/** @throws FenceExpired unless the side that rows come from refuses writes now */
export async function assertFenced(context: StageContext): Promise<void> {
  const guard = await readOwnGuard(context, context.flow.from, context.run.migration);
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
