import type { Stage } from '../../contract/lifecycle';
import type { StageContext } from '../world';
import { drain } from './drain';
import { fence } from './fence';
import { flip } from './flip';
import { openSide } from './open-side';
import { seal } from './seal';
import { verifyFenced } from './verify';

/** Inner steps of the write cutover by the stage that each finishes; `next` decides their order. */
export const CUTOVER_STEPS: Partial<Record<Stage, (context: StageContext) => Promise<unknown>>> = {
  fence: fence,
  drain,
  verify: verifyFenced,
  seal,
  flip,
  open: openSide,
};
