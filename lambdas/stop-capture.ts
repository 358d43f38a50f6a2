import { stopCapture as stage } from '../src/core/stages/capture';
import { stageHandler } from './handler';

/** Takes the capture off the source. */
export const stopCapture = stageHandler('stopCapture', stage);
