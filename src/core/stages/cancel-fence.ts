import { ERRORS } from '../../contract/errors';
import type { Run } from '../../contract/payloads';
import type { Side } from '../../contract/sides';
import { intentOf } from '../../contract/writes';
import { WrongState } from '../errors';
import type { MigrationRecord, Stage } from '../ledger';
import { ownedRecord } from './stage';
import type { StageContext } from './world';

/** The state machine cancels the fence after the first two; behind the others somebody else rules already. */
const LEFT_TO_OTHERS: ReadonlySet<string> = new Set([
  ERRORS.fenceExpired,
  ERRORS.transient,
  ERRORS.fenced,
  ERRORS.wrongState,
]);

/**
 * Returns writes to the side that they come from, because the cutover did not fit into its fence, and lets the migration catch
 * up again. Competes with the flip for `writes`; repeated, it opens that side again.
 * @throws WrongState if the flip or an abort was first
 */
export const cancelFence = (context: StageContext): Promise<Run> =>
  behindFence(context, async () => {
    await giveBack(context, await ownedRecord(context));
    return context.run;
  });

async function giveBack(context: StageContext, seen: MigrationRecord): Promise<void> {
  const { control, flow, run } = context;
  const { migration, generation } = run;
  const { guard, side } = flow.from;
  const intent = intentOf(seen.writes);
  if (intent) await cancel(context, seen, intent.from);
  // The epoch comes first: a fence that is intended after it is newer, and is not opened by this.
  const epoch = await control.nextEpoch(migration);
  const { writes, status } = await control.recordOrFail(migration);
  if (writes !== side || status !== 'running')
    throw new WrongState(
      `migration ${migration} is ${status}, writes are ${writes}: there is no fence to cancel`,
    );
  await guard.setGuard({ migration, epoch, state: 'open', from: ['open', 'fenced', 'sealed'] });
  await control.journal.append(migration, generation, `${side} opened`, { epoch });
}

/** The compare-and-set; only its winner may open the side that writes return to. */
async function cancel(
  { control, flow, run }: StageContext,
  seen: MigrationRecord,
  returned: Side,
): Promise<void> {
  const [guard, chunks] = await Promise.all([
    flow.from.guard.readGuard(run.migration),
    control.chunks.list(run.migration, run.generation),
  ]);
  const stage: Stage = chunks.some(({ state }) => state !== 'closed') ? 'plan' : 'backfill';
  const fencesCancelled = seen.fencesCancelled + 1;
  const changes = { stage, fencesCancelled, comparisonRounds: 0, fenceDeadline: null };
  if (!(await control.setWrites(run.migration, seen.writes, returned, ['running'], changes))) {
    // Another invocation of this very step may have been quicker; it goes on like this one.
    const { writes } = await control.recordOrFail(run.migration);
    if (writes === returned) return;
    throw new WrongState(`the fence ${seen.writes} of migration ${run.migration} is not the last any more`);
  }
  await control.journal.append(run.migration, run.generation, 'fence cancelled', {
    fence: seen.writes,
    after: seen.stage,
    guard: guard?.expired ? 'expired' : (guard?.state ?? 'none'),
    fencesCancelled,
  });
}

/**
 * Runs a whole stage that may find the source fenced, its look at the record included: that a change was lost can be noted by
 * Sync at any moment, and no stage goes on then. What the state machine does not answer by cancelling the fence must not
 * leave the source closed, so that is done here, before the error goes on its way.
 */
export async function behindFence<T>(context: StageContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && context.run.shape === 'cdc' && !LEFT_TO_OTHERS.has(error.name)) {
      await openAfter(context);
    }
    throw error;
  }
}

async function openAfter(context: StageContext): Promise<void> {
  const { control, run } = context;
  const record = await control.recordOrFail(run.migration);
  const owned = record.owner === run.execution && record.generation === run.generation;
  if (!owned || intentOf(record.writes) === null) return;
  // The error that comes first is the one to report, and the fence opens itself; a seal is answered by resume or abort.
  await giveBack(context, record).catch(() => undefined);
}
