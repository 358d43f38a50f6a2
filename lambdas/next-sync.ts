import { nextSync as roundOf } from '../src/core/stages/sync';
import { handler } from './handler';

/** Deals the partitions out to the appliers of one round. */
export const nextSync = handler('nextSync', (round, { world }) => roundOf(world, round));
