import { giveBack, underFence, type CancelVerdict } from '../cutover/cancel';
import { ownedRecord } from '../execution/run-stage';
import type { StageContext } from '../world';

/**
 * Cancels a cutover that did not fit into its fence, and lets the migration catch up again. After the flip it changes nothing and says so.
 * @throws WrongState if an abort was first
 */
export const cancelCutover = (context: StageContext): Promise<CancelVerdict> =>
  underFence(context, async () => {
    const record = await ownedRecord(context);
    return record.writes === context.flow.to.side ? 'flipped' : giveBack(context, record);
  });
