import { errorKind, SUPERSEDED_ERRORS } from '../../contract/errors';
import { intentOf } from '../../contract/writes';
import { readOwnGuard } from '../authority';
import { underFence } from '../cutover/cancel';
import { fenceExpired } from '../cutover/fence';
import { dependsOnGuard, next } from '../cutover/next';
import { CUTOVER_STEPS } from '../cutover/steps';
import { InconsistentLedger } from '../errors';
import type { MigrationRecord } from '../ledger';
import type { GuardStatus } from '../guard-ports';
import { cancelCutover } from './cancel-cutover';
import { ownedRecord } from '../execution/run-stage';
import type { StageContext } from '../world';

/** `moved`: the receiving end serves. `returned`: writes were returned, and the migration copies and catches up again. */
export type CutoverVerdict = 'moved' | 'returned';

/**
 * The write cutover: runs its steps one by one, each chosen from the current ledger and guard. A new invocation takes over
 * where the last one stopped; two concurrent ones are harmless, because every step is conditional on what it read.
 * @throws FenceExpired, TransientFailure for which the lifecycle cancels; after any other error the source is open again
 */
export async function cutover(context: StageContext): Promise<CutoverVerdict> {
  for (;;) {
    const verdict = await cutoverRound(context);
    if (verdict !== null) return verdict;
  }
}

/** One step of the cutover. Null: another one follows, which keeps no state of this one. */
export const cutoverRound = (context: StageContext): Promise<CutoverVerdict | null> =>
  underFence(context, async () => {
    const record = await ownedRecord(context);
    const { from } = context.flow;
    // After the seal, the side that rows come from is not read: it may be unreachable, and the other side must open anyway.
    const guard = dependsOnGuard(record) ? await readOwnGuard(context, from, context.run.migration) : null;
    const step = next(record, guard);
    if (step === 'done') return 'moved';
    if (step === 'expired') throw fenceExpired(context, guard);
    if (step === 'returned') return returned(context, record, guard);
    const run = CUTOVER_STEPS[step];
    if (!run)
      throw new InconsistentLedger(
        `the cutover has no step ${step}. Deploy functions and machines of one version`,
      );
    const result = await run(context).catch((error: unknown) => ignoreIfSuperseded(context, record, error));
    // If another invocation has flipped in the meantime, the next round finishes the cutover.
    return result === 'recopy' && (await cancelCutover(context)) === 'cancelled' ? 'returned' : null;
  });

/** Opens a side that an interrupted cancel may have left closed, and cancels the intent of a late fence. */
async function returned(
  context: StageContext,
  { writes }: MigrationRecord,
  guard: GuardStatus | null,
): Promise<CutoverVerdict | null> {
  if (guard?.state === 'open' && intentOf(writes) === null) return 'returned';
  return (await cancelCutover(context)) === 'cancelled' ? 'returned' : null;
}

/** If another invocation of the run did this step or a cancel first, the next round reads the new record. */
async function ignoreIfSuperseded(
  context: StageContext,
  seen: MigrationRecord,
  error: unknown,
): Promise<null> {
  const mayBeOvertaken =
    error instanceof Error &&
    (SUPERSEDED_ERRORS.includes(error.name) || errorKind(error.name) === 'fenceExpired');
  if (!mayBeOvertaken) throw error;
  const now = await ownedRecord(context);
  if (now.writes === seen.writes && now.stage === seen.stage) throw error;
  return null;
}
