import type { World } from '../world';

/** How long Step Functions may go on to describe an execution as running that has ended; it promises nothing. */
const LATE_MS_MAX = 5_000;
const POLL_MS = 500;

/**
 * Whether an execution goes on. Who asks right after it was stopped, or died, is not to take it for alive: descriptions are
 * eventually consistent, so that one which says that it runs counts only if it stays so. One that says that it ended is true.
 */
export async function stillRuns(
  world: Pick<World, 'isRunning' | 'clock'>,
  execution: string,
): Promise<boolean> {
  for (let waitedMs = 0; await world.isRunning(execution); waitedMs += POLL_MS) {
    if (waitedMs >= LATE_MS_MAX) return true;
    await world.clock.sleep(POLL_MS);
  }
  return false;
}
