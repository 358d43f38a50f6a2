import { plan as stage } from '../src/core/stages/plan';
import { stageHandler } from './handler';

/** Divides every table into chunks. */
export const plan = stageHandler('plan', stage);
