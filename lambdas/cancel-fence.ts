import { cancelFence as stage } from '../src/core/stages/cancel-fence';
import { stageHandler } from './handler';

/** Gives writes back to the source. */
export const cancelFence = stageHandler('cancelFence', stage);
