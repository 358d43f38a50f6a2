import { flip as stage } from '../src/core/stages/cutover';
import { stageHandler } from './handler';

/** Moves the writes: the compare-and-set that competes with an abort's. */
export const flip = stageHandler('flip', stage);
