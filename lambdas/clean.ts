import { clean as remove } from '../src/core/stages/clean';
import { abortHandler } from './handler';

/** Abort, step 3: empties the other end and removes everything that Sluice installed. */
export const clean = abortHandler('clean', remove);
