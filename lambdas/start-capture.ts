import { startCapture as stage } from '../src/core/stages/start-capture';
import { stageHandler } from './handler';

/** Starts capturing the changes of every mapped table. */
export const startCapture = stageHandler('startCapture', stage);
