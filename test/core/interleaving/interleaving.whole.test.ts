/**
 * Copiers, appliers and an application in random order over real databases: nothing is lost, nothing is left over. A seed
 * that fails prints what happened; `SLUICE_SEEDS=<seed>` plays it again, `SLUICE_SEEDS=1-500` plays many.
 */
import { Arena } from './run';
import { seedsOf } from './seeds';

let arena: Arena;
beforeAll(async () => {
  arena = await Arena.open();
});
afterAll(() => arena.close());

test.each(seedsOf(process.env['SLUICE_SEEDS'] ?? '1-60'))('seed %i', async (seed) => {
  const { failed, story } = await arena.run(seed);
  if (failed)
    throw new Error(
      `${story}\nSLUICE_SEEDS=${seed} npx jest --selectProjects=whole --testPathPatterns interleaving.whole`,
    );
});
