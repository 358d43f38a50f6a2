import { prepare as stage } from '../src/core/stages/prepare';
import { stageHandler } from './handler';

/** Installs Sluice, makes the target's schema, darkens the target. */
export const prepare = stageHandler('prepare', stage);
