import { nextWave as gate } from '../src/core/backfill/next-wave';
import { gateHandler } from './handler';

/** Names the chunks that the next Map run takes. */
export const nextWave = gateHandler('nextWave', (context, { purpose }) => gate(context, { purpose }));
