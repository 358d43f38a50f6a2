import { nextWave as gate } from '../src/core/backfill/next-wave';
import { gateHandler } from './handler';

/** Lists the chunks of the next Map run. */
export const nextWave = gateHandler('nextWave', (context, { purpose }) => gate(context, { purpose }));
