import { judge as gate } from '../src/core/stages/judge';
import { gateHandler } from './handler';

/** Decides from the ledger whether the copy is equal. */
export const judge = gateHandler('judge', async (context) => ({ verdict: await gate(context) }));
