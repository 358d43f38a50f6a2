import type { Run } from '../../contract/payloads';
import { asOwningRun } from '../authority';
import { runStage } from '../execution/run-stage';
import type { StageContext } from '../world';

/** Removes the capture from the side that no longer serves. The migration is then done. */
export const stopCapture = (context: StageContext): Promise<Run> =>
  runStage(context, 'stop-capture', async () => {
    await asOwningRun(context, (authority) => context.flow.from.installer.stopCapture(authority));
    return { tables: context.definition.tables.length };
  });
