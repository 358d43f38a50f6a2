/** The rules hold in every order of steps; with any one protection disabled they do not. */
import { MUTATIONS } from '../../../tools/explorer/mutations';
import { expectHarm, quickMutations, slowMutations } from './mutations';

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

test('every protection is disabled at least once', () => {
  expect(new Set(MUTATIONS.map(({ protection }) => protection))).toEqual(new Set(PROTECTIONS));
});

test('every mutation runs here or in the long tests', () => {
  expect(slowMutations).toHaveLength(3);
  expect(quickMutations.length + slowMutations.length).toBe(MUTATIONS.length);
});

expectHarm(quickMutations);
