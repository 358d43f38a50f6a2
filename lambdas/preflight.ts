import { preflight as stage } from '../src/core/stages/preflight';
import { stageHandler } from './handler';

/** Asks both ends for every reason not to begin. */
export const preflight = stageHandler('preflight', stage);
