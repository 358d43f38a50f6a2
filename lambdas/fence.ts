import { fence as stage } from '../src/core/stages/fence';
import { stageHandler } from './handler';

/** Refuses writes to the end that rows come from, until a deadline. */
export const fence = stageHandler('fence', stage);
