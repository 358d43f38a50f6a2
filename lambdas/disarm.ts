import { disarm as gate } from '../src/core/stages/disarm';
import { gateHandler } from './handler';

/** Removes the triggers of the open guard. */
export const disarm = gateHandler('disarm', (context) => gate(context));
