/**
 * The seeds that find no loss in the real protocol find one as soon as a protection is removed. Losses that are too rare for
 * these seeds have their own tests: a write that does not consume its sequence number in `tools/explorer/mutations`, rows
 * that a copier skips in `apply-left-out`, and a row that is read before its entry in `apply-changes`.
 */
import { withEnd } from '../../support/world';
import { Arena, type Sabotage } from './run';

let arena: Arena;
beforeAll(async () => {
  arena = await Arena.open();
});
afterAll(() => arena.close());

const SEEDS_MAX = 60;

/** The removed protection, and the first seed to try: shortly before one that shows the loss. */
test.each<[string, Sabotage, number]>([
  ['a write does not check its token', { sql: (sql) => sql.replaceAll('AND token = :token', '') }, 40],
  [
    'an entry is dropped while its chunk is being copied',
    {
      world: (world) => {
        const drop = <T>(verdicts: readonly T[] | null) =>
          verdicts && verdicts.map((verdict) => (verdict === 'left' ? ('dropped' as T) : verdict));
        return withEnd(world, 'target', ({ writer }) => ({
          writer: {
            applyRows: async (...of) => drop(await writer.applyRows(...of)),
            applyEach: async (...of) => drop(await writer.applyEach(...of)),
            placeKeys: async (...of) => drop(await writer.placeKeys(...of))!,
          },
        }));
      },
    },
    1,
  ],
  [
    'entries are forgotten before they are applied',
    {
      world: (world) =>
        withEnd(world, 'source', ({ log }) => ({
          log: {
            readDirty: async (layout, capture, ...of) => {
              const page = await log.readDirty(layout, capture, ...of);
              await log.forget(
                capture,
                0,
                page.rows.flatMap(({ entries }) => entries),
              );
              return page;
            },
          },
        })),
    },
    1,
  ],
])(
  'when %s, a seed fails',
  async (_what, sabotage, first) => {
    for (let seed = first; seed < first + SEEDS_MAX; seed += 1) {
      const { failed, story } = await arena.run(seed, sabotage);
      if (!failed) continue;
      // The run failed because the two sides differ, not for another reason.
      expect(story).toContain('toEqual');
      return;
    }
    throw new Error(`none of ${SEEDS_MAX} seeds fails`);
  },
  600_000,
);
