/** The real rules survive every order of steps; without any one of their protections they do not. */
import { TEETH } from '../../../tools/explorer/sabotages';
import { expectHarm, quickSabotages, slowSabotages } from './removed-protections';

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

test('every sabotage is run here or in the long tests', () => {
  expect(slowSabotages).toHaveLength(3);
  expect(quickSabotages.length + slowSabotages.length).toBe(TEETH.length);
});

expectHarm(quickSabotages);
