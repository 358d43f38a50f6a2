/** The first states of every scenario; `npm run explore` explores them fully. */
import { explore } from '../../../tools/explorer/explore';
import { SCENARIOS } from '../../../tools/explorer/scenarios/all';

const STATES = 2_000;

test.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
  '%s: nothing is lost, and it comes to an end, from every state',
  async (_name, scenario) => {
    const { finding, states } = await explore(scenario, { statesMax: STATES });
    expect(finding).toBeNull();
    expect(states).toBe(STATES);
  },
  120_000,
);
