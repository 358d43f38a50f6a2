import { stopCapture as stage } from '../src/core/stages/stop-capture';
import { stageHandler } from './handler';

/** Removes the capture. */
export const stopCapture = stageHandler('stopCapture', stage);
