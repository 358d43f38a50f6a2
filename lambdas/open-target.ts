import { openTarget as stage } from '../src/core/stages/cutover';
import { stageHandler } from './handler';

/** Opens the target to its application. */
export const openTarget = stageHandler('openTarget', stage);
