import { startCapture as stage } from '../src/core/stages/start-capture';
import { stageHandler } from './handler';

/** Captures the changes of every mapped table from now on. */
export const startCapture = stageHandler('startCapture', stage);
