/** The first states of every scenario; `npm run explore` explores them fully. */
import { explore } from '../../../tools/explorer/explore';
import { SCENARIOS } from '../../../tools/explorer/scenarios/all';

const STATES = 1_000;

test.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
  '%s: loses nothing and ends, from every state',
  async (_name, scenario) => {
    const { finding, states, complete } = await explore(scenario, { statesMax: STATES });
    expect(finding).toBeNull();
    // Some scenarios have fewer states.
    expect(complete || states === STATES).toBe(true);
  },
  120_000,
);
