import { judge as gate } from '../src/core/stages/judge';
import { gateHandler } from './handler';

/** Gives the verdict on the copy, from the ledger. */
export const judge = gateHandler('judge', async (context) => ({ verdict: await gate(context) }));
