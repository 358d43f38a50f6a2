import { explore } from '../../../tools/explorer/explore';
import { MUTATIONS, type MutationTest } from '../../../tools/explorer/mutations';

const STATES_MAX = 120_000;

/** Mutations whose harm takes more than 30,000 states to find; they run in the long tests. */
const SLOW: readonly string[] = [
  'the record is read from a stale copy',
  'a write does not check the token',
  'a late copy of the intent starts a cancelled cutover again',
];

export const slowMutations = MUTATIONS.filter(({ name }) => SLOW.includes(name));
export const quickMutations = MUTATIONS.filter(({ name }) => !SLOW.includes(name));

/** Registers a test per mutation: with its protection disabled the explorer finds harm. */
export function expectHarm(mutations: readonly MutationTest[]): void {
  test.each(mutations.map((mutation) => [mutation.protection, mutation.name, mutation] as const))(
    'without the %s, when %s, harm is found',
    async (_protection, _name, mutation) => {
      const { finding, states } = await explore(mutation.scenario, {
        mutation,
        statesMax: STATES_MAX,
        recover: mutation.inTheEnd === true,
      });
      expect(finding).not.toBeNull();
      // A trace has one step per line and is a shortest one; a whole cutover takes about sixty.
      expect(finding!.trace.length).toBeGreaterThan(3);
      expect(finding!.trace.length).toBeLessThan(80);
      expect(states).toBeLessThan(STATES_MAX);
    },
    180_000,
  );
}
