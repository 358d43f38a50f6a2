import { errorKind, ERRORS, SUPERSEDED_ERRORS } from '../../contract/errors';
import { stageBefore, traitsOf, type Stage } from '../../contract/lifecycle';
import type { Side } from '../../contract/sides';
import { intentOf } from '../../contract/writes';
import { assertLedgerIsCurrent, authorityOf, readOwnGuard } from '../authority';
import { RestoredLedger, WrongState } from '../errors';
import type { MigrationRecord } from '../ledger';
import type { StageContext } from '../world';
import { attemptEpochsOf, openingEpoch } from './attempt-epochs';
import { ensureGuardState } from './ensure-guard-state';

/** `flipped`: the receiving end owns the writes, so the cutover can only be finished. */
export type CancelVerdict = 'cancelled' | 'flipped';

/**
 * Returns writes to the side that they came from, because the cutover exceeded its fence. Competes with the flip for `writes`;
 * repeating it opens that side again.
 * @throws WrongState if an abort was decided first
 */
export async function returnWrites(context: StageContext, seen: MigrationRecord): Promise<CancelVerdict> {
  const { control, flow, run } = context;
  const { migration, generation } = run;
  const { side } = flow.from;
  const [guard] = await assertLedgerIsCurrent(context, migration, [flow.from]);
  if (guard?.state === 'sealed') await assertNotFlipped(context);
  const intent = intentOf(seen.writes);
  if (intent) await decide(context, seen, intent.from);
  // The epoch first: a fence that is intended later has a newer one, so this call cannot open it.
  const reserved = seen.fenceEpoch === null ? null : attemptEpochsOf(seen).cancel;
  const epoch = await openingEpoch(control, migration, guard ?? null, reserved);
  const now = await control.recordOrFail(migration);
  if (now.generation === generation && now.writes === flow.to.side) return 'flipped';
  // Open a migration that was put on hold in the meantime too: otherwise it would stay closed until it is resumed.
  if (now.generation !== generation || now.writes !== side || !['running', 'held'].includes(now.status))
    throw new WrongState(
      `migration ${migration} is ${now.status} in generation ${now.generation}, writes are ${now.writes}: there is no fence to cancel`,
    );
  const authority = await authorityOf(context, now, epoch);
  // Another invocation may have opened it under a newer epoch.
  await ensureGuardState(flow.from.guard, authority, { state: 'open' });
  await control.journal.append(migration, generation, `${side} opened`, { epoch });
  return 'cancelled';
}

/**
 * A guard of the receiving end that is newer than the record shows that the ledger was restored, in place, to a point before the
 * flip. An end that cannot be reached does not hold up the opening.
 */
async function assertNotFlipped({ control, flow, run }: StageContext): Promise<void> {
  try {
    await assertLedgerIsCurrent({ control }, run.migration, [flow.to]);
  } catch (error) {
    if (error instanceof RestoredLedger) throw error;
  }
}

/** The compare-and-set: only its winner may open the side that writes return to. */
async function decide(context: StageContext, seen: MigrationRecord, returned: Side): Promise<void> {
  const { control, flow, run } = context;
  const [guard, chunks] = await Promise.all([
    readOwnGuard(context, flow.from, run.migration),
    control.chunks.list(run.migration, run.generation),
  ]);
  const again: Stage = chunks.some(({ state }) => state !== 'closed') ? 'backfill' : 'catch-up';
  const stage = stageBefore(run.shape, again);
  const fencesCancelled = seen.fencesCancelled + 1;
  const changes = { stage, fencesCancelled, comparisonRounds: 0, fenceDeadline: null };
  if (!(await control.setWrites(seen, returned, ['running'], changes))) {
    // Another invocation may have flipped or done this step first: the caller reads the record again.
    const { writes } = await control.recordOrFail(run.migration);
    if (writes === returned || writes === flow.to.side) return;
    throw new WrongState(`the fence ${seen.writes} of migration ${run.migration} is no longer the last one`);
  }
  await control.journal.append(run.migration, run.generation, 'fence cancelled', {
    fence: seen.writes,
    after: seen.stage,
    guard: guard?.expired ? 'expired' : (guard?.state ?? 'none'),
    fencesCancelled,
  });
}

/**
 * Runs a step during which the source may be fenced, including its first read of the record: Sync can record a lost capture at
 * any moment, and no step continues then. Errors for which the lifecycle cancels the cutover are passed on, as are errors of
 * superseded invocations. After any other error, writes are returned first, so that the source does not stay closed.
 */
export async function underFence<T>(context: StageContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && mustReturnWrites(context, error)) await openAfterFailure(context);
    throw error;
  }
}

const mustReturnWrites = ({ run }: StageContext, { name }: Error): boolean =>
  traitsOf(run.shape).fences === 'cutover' &&
  errorKind(name) === 'other' &&
  name !== ERRORS.restoredLedger &&
  !SUPERSEDED_ERRORS.includes(name);

async function openAfterFailure(context: StageContext): Promise<void> {
  const { control, run } = context;
  const record = await control.recordOrFail(run.migration);
  const owned = record.execution === run.execution && record.generation === run.generation;
  if (!owned || (intentOf(record.writes) === null && (await isOpen(context, record)))) return;
  // Report the first error, unless opening failed with a transient error: then the step must be retried to open the side.
  await returnWrites(context, record).catch((error: unknown) => {
    if (error instanceof Error && errorKind(error.name) === 'transient') throw error;
  });
}

/** An interrupted cancel may have returned writes and left the side closed. */
const isOpen = async (context: StageContext, { writes }: MigrationRecord): Promise<boolean> =>
  writes !== context.flow.from.side ||
  (await readOwnGuard(context, context.flow.from, context.run.migration))?.state === 'open';
