import { explore } from '../../../tools/explorer/explore';
import type { MutationTest } from '../../../tools/explorer/disabling';
import { MUTATIONS } from '../../../tools/explorer/mutations';

const STATES_MAX = 120_000;

/** Mutations whose harm takes more than 30,000 states to find. */
const SLOW: readonly string[] = [
  'the record is read from a stale copy',
  'a write does not check the token',
  'a late copy of the intent starts a cancelled cutover again',
];

const quick = MUTATIONS.filter(({ name }) => !SLOW.includes(name));

/** One mutation of each protection; the others run in the long tests. */
export const sampledMutations = quick.filter(
  ({ protection }, index) => quick.findIndex((other) => other.protection === protection) === index,
);
export const otherMutations = MUTATIONS.filter((mutation) => !sampledMutations.includes(mutation));

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
      // A trace has one step per line and is a shortest one; a whole migration takes about a hundred.
      expect(finding!.trace.length).toBeGreaterThan(0);
      expect(finding!.trace.length).toBeLessThan(130);
      expect(states).toBeLessThan(STATES_MAX);
    },
    180_000,
  );
}
