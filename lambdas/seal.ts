import { seal as stage } from '../src/core/stages/cutover';
import { stageHandler } from './handler';

/** Sets sequences and makes the source's fence permanent. */
export const seal = stageHandler('seal', stage);
