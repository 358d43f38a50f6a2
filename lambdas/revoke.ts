import { revoke as revokeWorkers } from '../src/core/stages/revoke';
import { abortHandler } from './handler';

/** Abort, step 1: rules out the flip, then fences every worker. */
export const revoke = abortHandler('revoke', revokeWorkers);
