import { verifyFenced as stage } from '../src/core/stages/verify-fenced';
import { contextOf } from '../src/core/stages/world';
import { handler } from './handler';

/** Compares behind the fence what was touched since it was found equal. */
export const verifyFenced = handler('verifyFenced', async (run, { world }) => ({
  verdict: await stage(contextOf(world, run)),
}));
