import { cutover as gate } from '../src/core/stages/cutover';
import { gateHandler } from './handler';

/** Moves the writes from one end to the other, or continues a cutover that was interrupted. */
export const cutover = gateHandler('cutover', async (context) => ({ verdict: await gate(context) }));
