import { preflight as stage } from '../src/core/stages/preflight';
import { stageHandler } from './handler';

/** Reads both ends and reports every reason not to start. */
export const preflight = stageHandler('preflight', stage);
