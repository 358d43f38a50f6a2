import type { Run } from '../../contract/payloads';
import { runStage } from '../execution/run-stage';
import type { StageContext } from '../world';

/** Removes the capture from the side that no longer serves. The migration is then done. */
export const stopCapture = (context: StageContext): Promise<Run> =>
  runStage(context, 'stop-capture', async () => {
    const { flow, run } = context;
    await flow.from.installer.stopCapture(run.migration);
    return { tables: context.definition.tables.length };
  });
