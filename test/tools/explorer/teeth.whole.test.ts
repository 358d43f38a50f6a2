/** What the real rules survive in every order of steps, they do not survive without any one of their protections. */
import { explore } from '../../../tools/explorer/explore';
import { TEETH } from '../../../tools/explorer/sabotages';

const PROTECTIONS = [
  'consistent read',
  'monotone token',
  'conditional checkpoint',
  'conditional close',
  'sequence number',
  'guard epoch',
  'seal',
  'one-attribute decision',
  'reserved epoch',
  'sealed plan',
];

test('every protection is taken away at least once', () => {
  expect(new Set(TEETH.map(({ protection }) => protection))).toEqual(new Set(PROTECTIONS));
});

test.each(TEETH.map((tooth) => [tooth.protection, tooth.name, tooth] as const))(
  'without the %s, when %s, harm is found',
  async (_protection, _name, tooth) => {
    const { finding, states } = await explore(tooth.scenario, {
      sabotage: tooth,
      statesMax: 120_000,
      recover: tooth.inTheEnd === true,
    });
    expect(finding).not.toBeNull();
    // A story has a step per line, and is a shortest one; a whole cutover takes about sixty.
    expect(finding!.story.length).toBeGreaterThan(3);
    expect(finding!.story.length).toBeLessThan(80);
    expect(states).toBeLessThan(120_000);
  },
  180_000,
);
