import type { Run } from '../../contract/payloads';
import { intentOf } from '../../contract/writes';
import { FenceExpired, WrongState } from '../errors';
import { intactCaptures } from '../sync/captures';
import { assertFenced } from './fence';
import { isFinished, runStage } from '../execution/run-stage';
import type { StageContext } from '../world';

/** Interval between checks; the pause of writes lasts as long as they take. */
const POLL_MS = 50;

/**
 * Waits under the fence until the change log is empty. The appliers do the work: they delete an entry only when the target is
 * equal, and the application cannot add one.
 * @throws FenceExpired if the fence expires first
 */
export const drain = (context: StageContext): Promise<Run> =>
  runStage(context, 'drain', async (record) => {
    const { flow, clock, control, run } = context;
    const { log } = flow.from;
    if (!isFinished(record, 'fence') || intentOf(record.writes) === null)
      throw new WrongState(
        `the ${flow.from.side} of migration ${run.migration} is not fenced; nothing can be drained`,
      );
    const startedMs = clock.now();
    const [captures, depth] = await Promise.all([
      intactCaptures(context, run.generation),
      control.owner().then((owner) => log.depth({ ...run, owner })),
    ]);
    while ((await log.dirtyPartitions([...captures.values()])).dirty.size > 0) {
      await assertFenced(context);
      await clock.sleep(POLL_MS);
    }
    await Promise.all([intactCaptures(context, run.generation), assertFenced(context)]);
    return {
      fence: record.writes,
      entries: depth.reduce((sum, { entries }) => sum + entries, 0),
      milliseconds: clock.now() - startedMs,
    };
  });

/** @throws FenceExpired if the log has an entry: it came through a fence that was open for a moment */
export async function assertDrained(
  { flow, run }: StageContext,
  captures: ReadonlyMap<string, string>,
): Promise<void> {
  const { dirty } = await flow.from.log.dirtyPartitions([...captures.values()]);
  if (dirty.size === 0) return;
  throw new FenceExpired(
    `the change log of migration ${run.migration} is not empty under the fence: ${dirty.size} partition(s) have entries. The cutover is repeated`,
  );
}
