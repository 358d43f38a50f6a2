/** The search, on scenarios small enough to count by hand. */
import { explore } from '../../../tools/explorer/explore';
import { application, single } from '../../../tools/explorer/programs/outside';
import type { Scenario } from '../../../tools/explorer/scenario';
import { SCENARIOS } from '../../../tools/explorer/scenarios/all';

const scene: Scenario = {
  name: 'two writers',
  about: 'two independent writers of two steps each',
  shape: 'cdc',
  cuts: 0,
  rows: {},
  setup: [],
  workers: [
    application('one', [{ changes: [{ id: '1', v: 1 }] }, { changes: [{ id: '1', v: 2 }] }]),
    application('other', [{ changes: [{ id: '2', v: 1 }] }, { changes: [{ id: '2', v: 2 }] }]),
  ],
  zombiesMax: 0,
  faultsMax: 0,
  recovery: [single('idle', '', async () => undefined)],
  goal: () => null,
  statesMax: 1_000,
};

test('every order of steps is explored, and equal states are merged', async () => {
  const { states, steps, depth, complete, finding } = await explore(scene);
  // Each writer is at one of three places, and these determine everything except the ids of entries.
  expect({ states, complete, finding }).toEqual({ states: 9, complete: true, finding: null });
  expect(steps).toBe(12);
  expect(depth).toBe(5);
});

test('a violation at the end is reported with a shortest trace', async () => {
  const goal: Scenario['goal'] = ({ source }) => (source.rows[1] === 2 ? 'row 1 is 2' : null);
  const { finding } = await explore({ ...scene, goal });
  expect(finding!.what).toContain('row 1 is 2');
  expect(finding!.trace).toEqual([
    '  1. one: writes row 1 = 1 → source',
    '  2. one: writes row 1 = 2 → source',
  ]);
});

test('an unexpected error is a finding', async () => {
  const broken = single('broken', '', async ({ send }) => {
    await send({ at: 'source', op: 'readGuard', args: {} });
    throw new TypeError('a mistake');
  });
  const { finding } = await explore({ ...scene, workers: [broken] });
  expect(finding!.what).toContain('TypeError: a mistake');
});

test('names of scenarios are unique', () => {
  const names = SCENARIOS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
