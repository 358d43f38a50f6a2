import { errorKind, SUPERSEDED_ERRORS } from '../../contract/errors';
import { intentOf } from '../../contract/writes';
import { underFence } from '../cutover/cancel';
import { fenceExpired } from '../cutover/fence';
import { dependsOnGuard, next } from '../cutover/next';
import { CUTOVER_STEPS } from '../cutover/steps';
import { InconsistentLedger } from '../errors';
import type { MigrationRecord } from '../ledger';
import type { GuardStatus } from '../ports';
import { cancelCutover } from './cancel-cutover';
import { ownedRecord } from '../execution/run-stage';
import type { StageContext } from '../world';

/** `moved`: the receiving end serves; `returned`: writes are where they were, and copying and catching up come first again. */
export type CutoverVerdict = 'moved' | 'returned';

/**
 * The write cutover: one step after the other, each decided by ledger and guard as they are now. Invoked again, it takes over
 * where the last invocation stopped; two at once are harmless, since every step is conditional on what it found.
 * @throws FenceExpired, TransientFailure for the lifecycle to cancel; after any other error the source is open again
 */
export async function cutover(context: StageContext): Promise<CutoverVerdict> {
  for (;;) {
    const verdict = await cutoverRound(context);
    if (verdict !== null) return verdict;
  }
}

/** One step of the cutover. Null: another follows, which remembers nothing of this one. */
export const cutoverRound = (context: StageContext): Promise<CutoverVerdict | null> =>
  underFence(context, async () => {
    const record = await ownedRecord(context);
    const { from } = context.flow;
    // After the seal the side that rows come from decides nothing: it may be out of reach, and the other must open all the same.
    const guard = dependsOnGuard(record) ? await from.guard.readGuard(context.run.migration) : null;
    const step = next(record, guard);
    if (step === 'done') return 'moved';
    if (step === 'expired') throw fenceExpired(context, guard);
    if (step === 'returned') return returned(context, record, guard);
    const run = CUTOVER_STEPS[step];
    if (!run)
      throw new InconsistentLedger(
        `the cutover has no step ${step}; deploy functions and machines of one version`,
      );
    const result = await run(context).catch((error: unknown) => readAgain(context, record, error));
    // Another invocation may have flipped meanwhile: then the next round finishes the cutover.
    return result === 'recopy' && (await cancelCutover(context)) === 'cancelled' ? 'returned' : null;
  });

/** A cancel that was interrupted after its decision may have left the side closed; the intent of a late fence has to be cancelled. */
async function returned(
  context: StageContext,
  { writes }: MigrationRecord,
  guard: GuardStatus | null,
): Promise<CutoverVerdict | null> {
  if (guard?.state === 'open' && intentOf(writes) === null) return 'returned';
  return (await cancelCutover(context)) === 'cancelled' ? 'returned' : null;
}

/** Another invocation of the same run was quicker, with this step or with a cancel: the next round reads what is now. */
async function readAgain(context: StageContext, seen: MigrationRecord, error: unknown): Promise<null> {
  const mayBeOvertaken =
    error instanceof Error &&
    (SUPERSEDED_ERRORS.includes(error.name) || errorKind(error.name) === 'fenceExpired');
  if (!mayBeOvertaken) throw error;
  const now = await ownedRecord(context);
  if (now.writes === seen.writes && now.stage === seen.stage) throw error;
  return null;
}
