/** The rules hold in every order of steps; with any one protection disabled they do not. */
import { MUTATIONS } from '../../../tools/explorer/mutations';
import { expectHarm, sampledMutations } from './mutations';

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
  'owner',
  'generation and epoch',
  'tombstone',
  'completion of an abort',
  "generation in an abort's input",
  'code at a claim',
  'completed triggers',
  "tables' locks",
  'trigger versions',
  'deadline at the seal',
  'epoch of an opening',
  'state and epoch of a disarming',
];

/** Its harm takes long to find. */
const ONLY_IN_LONG_TESTS = ['reserved epoch'];

test('every protection is disabled, and all but one also here', () => {
  expect(new Set(MUTATIONS.map(({ protection }) => protection))).toEqual(new Set(PROTECTIONS));
  expect(sampledMutations.map(({ protection }) => protection).sort()).toEqual(
    PROTECTIONS.filter((name) => !ONLY_IN_LONG_TESTS.includes(name)).sort(),
  );
});

expectHarm(sampledMutations);
