import { prepare as stage } from '../src/core/stages/prepare';
import { stageHandler } from './handler';

/** Installs Sluice, creates the target's schema and darkens the target. */
export const prepare = stageHandler('prepare', stage);
