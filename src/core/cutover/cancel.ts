import { errorKind, SUPERSEDED_ERRORS } from '../../contract/errors';
import { stageBefore, traitsOf, type Stage } from '../../contract/lifecycle';
import type { Side } from '../../contract/sides';
import { intentOf } from '../../contract/writes';
import { WrongState } from '../errors';
import type { MigrationRecord } from '../ledger';
import type { StageContext } from '../world';

/** `flipped`: the receiving end owns the writes, so the cutover can only be finished. */
export type CancelVerdict = 'cancelled' | 'flipped';

/**
 * Returns writes to the side that they come from, because the cutover did not fit into its fence. Competes with the flip for
 * `writes`; repeated, it opens that side again.
 * @throws WrongState if an abort was first
 */
export async function giveBack(context: StageContext, seen: MigrationRecord): Promise<CancelVerdict> {
  const { control, flow, run } = context;
  const { migration, generation } = run;
  const { guard, side } = flow.from;
  const intent = intentOf(seen.writes);
  if (intent) await decide(context, seen, intent.from);
  // The epoch comes first: a fence that is intended after it is newer, and is not opened by this.
  const epoch = await control.nextEpoch(migration);
  const now = await control.recordOrFail(migration);
  if (now.generation === generation && now.writes === flow.to.side) return 'flipped';
  // A migration that another invocation has held meanwhile is opened all the same: nothing else would until it is resumed.
  if (now.generation !== generation || now.writes !== side || !['running', 'held'].includes(now.status))
    throw new WrongState(
      `migration ${migration} is ${now.status} in generation ${now.generation}, writes are ${now.writes}: there is no fence to cancel`,
    );
  await guard.setGuard({ migration, epoch, state: 'open', from: ['open', 'fenced', 'sealed'] });
  await control.journal.append(migration, generation, `${side} opened`, { epoch });
  return 'cancelled';
}

/** The compare-and-set; only its winner may open the side that writes return to. */
async function decide(
  { control, flow, run }: StageContext,
  seen: MigrationRecord,
  returned: Side,
): Promise<void> {
  const [guard, chunks] = await Promise.all([
    flow.from.guard.readGuard(run.migration),
    control.chunks.list(run.migration, run.generation),
  ]);
  const again: Stage = chunks.some(({ state }) => state !== 'closed') ? 'backfill' : 'catch-up';
  const stage = stageBefore(run.shape, again);
  const fencesCancelled = seen.fencesCancelled + 1;
  const changes = { stage, fencesCancelled, comparisonRounds: 0, fenceDeadline: null };
  if (!(await control.setWrites(seen, returned, ['running'], changes))) {
    // Another invocation may have been quicker, with the flip or with this very step: `giveBack` reads the record again.
    const { writes } = await control.recordOrFail(run.migration);
    if (writes === returned || writes === flow.to.side) return;
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
 * Runs a step that may find the source fenced, its first read of the record included: Sync can note at any moment that a change was
 * lost, and no step continues then. Errors that the lifecycle answers by cancelling the cutover pass; so do those that say that another
 * actor decides. Any other error must not leave the source closed: writes are given back before it leaves.
 */
export async function underFence<T>(context: StageContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && isOwnToAnswer(context, error)) await openAfter(context);
    throw error;
  }
}

const isOwnToAnswer = ({ run }: StageContext, { name }: Error): boolean =>
  traitsOf(run.shape).fences === 'cutover' &&
  errorKind(name) === 'other' &&
  !SUPERSEDED_ERRORS.includes(name);

async function openAfter(context: StageContext): Promise<void> {
  const { control, run } = context;
  const record = await control.recordOrFail(run.migration);
  const owned = record.owner === run.execution && record.generation === run.generation;
  if (!owned || (intentOf(record.writes) === null && (await isOpen(context, record)))) return;
  // The first error is the one to report, unless the side may still be closed for a reason that passes: then the retry comes first.
  await giveBack(context, record).catch((error: unknown) => {
    if (error instanceof Error && errorKind(error.name) === 'transient') throw error;
  });
}

/** Where writes are back, a cancel that was interrupted may have left the side closed. */
const isOpen = async ({ flow, run }: StageContext, { writes }: MigrationRecord): Promise<boolean> =>
  writes !== flow.from.side || (await flow.from.guard.readGuard(run.migration))?.state === 'open';
