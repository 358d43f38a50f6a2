import type { Run } from '../../contract/payloads';
import { describeCaptured, intactCaptures } from '../sync/captures';
import { asOwningRun } from '../authority';
import { runStage } from '../execution/run-stage';
import type { StageContext } from '../world';

const MEGABYTE = 1_048_576;

/**
 * Starts capturing the changes of every mapped table, each under a short lock.
 * @throws TransientFailure if a lock was not acquired in time; captures that were started stay
 */
export const startCapture = (context: StageContext): Promise<Run> =>
  runStage(context, 'start-capture', async () => {
    const { flow, run, definition, clock } = context;
    const startedMs = clock.now();
    const bytesMax = definition.capture.logMegabytesMax * MEGABYTE;
    for (const { table, layout } of await describeCaptured(context)) {
      await asOwningRun(context, (authority) =>
        flow.from.installer.startCapture(authority, table, layout, bytesMax),
      );
    }
    const captures = await intactCaptures(context, run.generation);
    return { captures: Object.fromEntries(captures), milliseconds: clock.now() - startedMs };
  });
