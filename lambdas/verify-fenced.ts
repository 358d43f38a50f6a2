import { verifyFenced as stage } from '../src/core/stages/verify-fenced';
import { handler } from './handler';

/** Compares behind the fence what was touched since it was found equal. */
export const verifyFenced = handler('verifyFenced', async (run, { world }) => ({
  verdict: await stage({ ...world, run }),
}));
