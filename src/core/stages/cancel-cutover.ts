import { returnWrites, underFence, type CancelVerdict } from '../cutover/cancel';
import { ownedRecord } from '../execution/run-stage';
import type { StageContext } from '../world';

/**
 * Cancels a cutover that exceeded its fence, so that the migration catches up again. After the flip it changes nothing and
 * returns `flipped`.
 * @throws WrongState if an abort was decided first
 */
export const cancelCutover = (context: StageContext): Promise<CancelVerdict> =>
  underFence(context, async () => {
    const record = await ownedRecord(context);
    return record.writes === context.flow.to.side ? 'flipped' : returnWrites(context, record);
  });
