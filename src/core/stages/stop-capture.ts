import type { Run } from '../../contract/payloads';
import { runStage } from './stage';
import type { StageContext } from './world';

/** Removes the capture from the source, which serves no application any more. With it the migration is done. */
export const stopCapture = (context: StageContext): Promise<Run> =>
  runStage(context, 'stop-capture', async () => {
    const { installers, run } = context;
    await installers.source.stopCapture(run.migration);
    return { tables: context.definition.tables.length };
  });
