import { reopen as open } from '../src/core/stages/reopen';
import { abortHandler } from './handler';

/** Abort, step 2: opens the serving end. */
export const reopen = abortHandler('reopen', open);
