import { Arena } from './run';

/** Registers a test per seed: copiers, appliers and an application in the order that the seed draws. */
export function expectNoLoss(seeds: readonly number[]): void {
  let arena: Arena;
  beforeAll(async () => {
    arena = await Arena.open();
  });
  afterAll(() => arena.close());

  test.each(seeds)('seed %i', async (seed) => {
    const { failed, story } = await arena.run(seed);
    if (failed)
      throw new Error(`${story}\nSLUICE_SEEDS=${seed} npm run test:long -- --testPathPatterns interleaving`);
  });
}
