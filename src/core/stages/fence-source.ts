import { fence } from '../cutover/fence';
import type { StageContext } from './world';

/** Shapes that fence first: refuses writes before anything is copied, until a deadline. The cutover of the others does the same. */
export const fenceSource = (context: StageContext) => fence(context);
