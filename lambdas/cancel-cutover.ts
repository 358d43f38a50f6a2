import { cancelCutover as gate } from '../src/core/stages/cancel-cutover';
import { gateHandler } from './handler';

/** Cancels a cutover: returns writes to the end that they came from, unless they have moved. */
export const cancelCutover = gateHandler('cancelCutover', async (context) => ({
  verdict: await gate(context),
}));
