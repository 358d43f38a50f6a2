import { drain as stage } from '../src/core/stages/drain';
import { stageHandler } from './handler';

/** Waits behind the fence until every captured change is in the target. */
export const drain = stageHandler('drain', stage);
