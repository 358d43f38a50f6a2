import { catchUp as stage } from '../src/core/stages/catch-up';
import { contextOf } from '../src/core/stages/world';
import { handler } from './handler';

/** Says whether the source may be fenced now. */
export const catchUp = handler('catchUp', async (run, { world }) => ({
  verdict: await stage(contextOf(world, run)),
}));
