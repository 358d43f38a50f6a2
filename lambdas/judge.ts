import { judge as judgeRun } from '../src/core/stages/judge';
import { contextOf } from '../src/core/stages/world';
import { handler } from './handler';

/** Gives the verdict on the copy, from the ledger. */
export const judge = handler('judge', async (run, { world }) => ({
  verdict: await judgeRun(contextOf(world, run)),
}));
