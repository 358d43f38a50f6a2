/** Causes of States.Runtime, worded as recorded on AWS. */
import {
  closeTestStepFunctions,
  runStateMachine,
  singleState,
  startTestStepFunctions,
} from '../../src/testing/step-functions';
import { inline } from './map-definitions';

afterEach(closeTestStepFunctions);

const IN = "An error occurred while executing the state 'Only' (entered at the event id #2). ";
const cause = async (state: object, input: unknown): Promise<string | undefined> => {
  const { outcome } = await runStateMachine(
    await startTestStepFunctions({ work: (item) => item }),
    singleState(state),
    input,
  );
  expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  return outcome.cause?.replace(IN, '');
};

test.each([
  ['$.none', {}, "Invalid path '$.none' : No results for path: $['none']"],
  ['$.a.none', { a: {} }, "Invalid path '$.a.none' : No results for path: $['a']['none']"],
  ['$.a[2]', { a: [1] }, "Invalid path '$.a[2]' : No results for path: $['a'][2]"],
  ['$.no.such.path', {}, "Invalid path '$.no.such.path' : Missing property in path $['no']"],
  ['$.a.no.path', { a: {} }, "Invalid path '$.a.no.path' : Missing property in path $['a']['no']"],
])('InputPath and OutputPath %s to a missing value', async (path, input, words) => {
  expect(await cause({ Type: 'Pass', InputPath: path }, input)).toBe(words);
  expect(await cause({ Type: 'Pass', OutputPath: path }, input)).toBe(words);
});

test.each([
  [-1, 'The SecondsPath parameter references a negative value: $.x == -1'],
  [1.5, 'The SecondsPath parameter cannot be parsed as a long value: $.x == 1.5'],
  [-1.5, 'The SecondsPath parameter cannot be parsed as a long value: $.x == -1.5'],
  [undefined, 'The SecondsPath parameter does not reference an input value: $.x'],
])('SecondsPath with the invalid value %j', async (x, words) => {
  expect(await cause({ Type: 'Wait', SecondsPath: '$.x' }, { x })).toBe(words);
});

describe('a Wait with a distant Timestamp', () => {
  const inDays = (days: number): string => new Date(Date.UTC(2026, 0, 31 + days, 12)).toISOString();

  test.each([[{ Timestamp: inDays(24_856) }], [{ TimestampPath: '$.at' }]])(
    'fails 24,856 days ahead: %j',
    async (field) => {
      const words = await cause({ Type: 'Wait', ...field }, { at: inDays(24_856) });
      expect(words).toBe('Wait state delay is too long.');
    },
  );

  test('succeeds 24,855 days ahead, where the seconds still fit into 32 bits', async () => {
    const { outcome } = await runStateMachine(
      await startTestStepFunctions(),
      singleState({ Type: 'Wait', Timestamp: inDays(24_855) }),
    );
    expect(outcome.status).toBe('SUCCEEDED');
  });
});

describe('MaxConcurrencyPath', () => {
  const limited = inline({ ItemsPath: '$.items', MaxConcurrencyPath: '$.most' }) as {
    States: { Only: object };
  };

  test.each([
    [{}, '"{}"'],
    [true, '"true"'],
    ['x', '"x"'],
    ['1.5', '"1.5"'],
    ['', '""'],
    [1.5, '"1.5"'],
  ])('refuses %j', async (most, shown) => {
    expect(await cause(limited.States.Only, { items: [1], most })).toBe(
      `The MaxConcurrencyPath field refers to value ${shown} which is not a valid integer: $.most`,
    );
  });
});
