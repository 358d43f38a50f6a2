import { fence as stage } from '../src/core/stages/fence';
import { stageHandler } from './handler';

/** Fences the end that rows are read from until a deadline. */
export const fence = stageHandler('fence', stage);
