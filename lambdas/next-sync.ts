import { gateEvents } from '../src/contract/lifecycle/events';
import { nextSync as nextRound } from '../src/core/sync/next-sync';
import { handler } from './handler';

/** Assigns the partitions to the appliers of one round. */
export const nextSync = handler('nextSync', async ({ retries = 0, ...round }, { world }) => ({
  ...round,
  ...(await nextRound(world, round)),
  events: round.events + gateEvents('nextSync', retries),
}));
