import { catchUp as gate } from '../src/core/stages/catch-up';
import { gateHandler } from './handler';

/** Decides whether writes may be refused now. */
export const catchUp = gateHandler('catchUp', (context) => gate(context));
