import { fenceSource as stage } from '../src/core/stages/fence-source';
import { stageHandler } from './handler';

/** Refuses writes to the end that rows come from, until a deadline. */
export const fenceSource = stageHandler('fenceSource', stage);
