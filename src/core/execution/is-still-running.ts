import type { World } from '../world';

/** How long Step Functions may describe an ended execution as running; AWS guarantees nothing. */
const LATE_MS_MAX = 5_000;
const POLL_MS = 500;

/**
 * Whether an execution is still running. Descriptions are eventually consistent, so `running` counts only if it persists for a
 * while: the execution may just have been stopped. `Ended` is always true.
 */
export async function isStillRunning(
  world: Pick<World, 'isRunning' | 'clock'>,
  execution: string,
): Promise<boolean> {
  for (let waitedMs = 0; await world.isRunning(execution); waitedMs += POLL_MS) {
    if (waitedMs >= LATE_MS_MAX) return true;
    await world.clock.sleep(POLL_MS);
  }
  return false;
}
