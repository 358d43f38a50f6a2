import { explore } from '../../../tools/explorer/explore';
import { TEETH, type Tooth } from '../../../tools/explorer/sabotages';

const STATES_MAX = 120_000;

/** Sabotages whose harm takes more than 30,000 states to find: minutes, so they run in the long tests. */
const SLOW: readonly string[] = [
  'the record is read from a copy that lags',
  'a write does not look at the token',
  'a late copy of the intent decides the same cutover again after its cancel',
];

export const slowSabotages = TEETH.filter(({ name }) => SLOW.includes(name));
export const quickSabotages = TEETH.filter(({ name }) => !SLOW.includes(name));

/** Registers a test per sabotage: without its protection the explorer finds harm. */
export function expectHarm(sabotages: readonly Tooth[]): void {
  test.each(sabotages.map((sabotage) => [sabotage.protection, sabotage.name, sabotage] as const))(
    'without the %s, when %s, harm is found',
    async (_protection, _name, sabotage) => {
      const { finding, states } = await explore(sabotage.scenario, {
        sabotage,
        statesMax: STATES_MAX,
        recover: sabotage.inTheEnd === true,
      });
      expect(finding).not.toBeNull();
      // A story has one step per line and is a shortest one; a whole cutover takes about sixty.
      expect(finding!.story.length).toBeGreaterThan(3);
      expect(finding!.story.length).toBeLessThan(80);
      expect(states).toBeLessThan(STATES_MAX);
    },
    180_000,
  );
}
