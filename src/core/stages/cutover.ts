import { underFence } from '../cutover/cancel';
import { fenceExpired } from '../cutover/fence';
import { next } from '../cutover/next';
import { CUTOVER_STEPS } from '../cutover/steps';
import { BrokenLedger } from '../errors';
import { cancelCutover } from './cancel-cutover';
import { ownedRecord } from './stage';
import type { StageContext } from './world';

/** `moved`: the receiving end serves; `recopy`: writes went back, and chunks were reopened. */
export type CutoverVerdict = 'moved' | 'recopy';

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
    const guard = await context.flow.from.guard.readGuard(context.run.migration);
    const step = next(record, guard);
    if (step === 'done') return 'moved';
    if (step === 'expired') throw fenceExpired(context, guard);
    const run = CUTOVER_STEPS[step];
    if (!run)
      throw new BrokenLedger(`the cutover has no step ${step}; deploy functions and machines of one version`);
    if ((await run(context)) !== 'recopy') return null;
    // Another invocation may have flipped meanwhile: then the next round finishes the cutover.
    return (await cancelCutover(context)) === 'cancelled' ? 'recopy' : null;
  });
