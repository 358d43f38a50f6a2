/** The words in which AWS says why data cannot be used, as recorded. */
import { closeAll, run, single, start } from '../../src/testing/step-functions';
import { inline } from './map-definitions';

afterEach(closeAll);

const IN = "An error occurred while executing the state 'Only' (entered at the event id #2). ";
const cause = async (state: object, input: unknown): Promise<string | undefined> => {
  const { outcome } = await run(await start({ work: (item) => item }), single(state), input);
  expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  return outcome.cause?.replace(IN, '');
};

test.each([
  ['$.none', {}, "Invalid path '$.none' : No results for path: $['none']"],
  ['$.a.none', { a: {} }, "Invalid path '$.a.none' : No results for path: $['a']['none']"],
  ['$.a[2]', { a: [1] }, "Invalid path '$.a[2]' : No results for path: $['a'][2]"],
  ['$.no.such.path', {}, "Invalid path '$.no.such.path' : Missing property in path $['no']"],
  ['$.a.no.path', { a: {} }, "Invalid path '$.a.no.path' : Missing property in path $['a']['no']"],
])('a path that leads nowhere: %s', async (path, input, words) => {
  expect(await cause({ Type: 'Pass', InputPath: path }, input)).toBe(words);
  expect(await cause({ Type: 'Pass', OutputPath: path }, input)).toBe(words);
});

test.each([
  [-1, 'The SecondsPath parameter references a negative value: $.x == -1'],
  [1.5, 'The SecondsPath parameter cannot be parsed as a long value: $.x == 1.5'],
  [-1.5, 'The SecondsPath parameter cannot be parsed as a long value: $.x == -1.5'],
  [undefined, 'The SecondsPath parameter does not reference an input value: $.x'],
])('seconds that cannot be waited for: %j', async (x, words) => {
  expect(await cause({ Type: 'Wait', SecondsPath: '$.x' }, { x })).toBe(words);
});

describe('a Wait until far in the future', () => {
  const inDays = (days: number): string => new Date(Date.UTC(2026, 0, 31 + days, 12)).toISOString();

  test.each([[{ Timestamp: inDays(24_856) }], [{ TimestampPath: '$.at' }]])('fails: %j', async (way) => {
    const words = await cause({ Type: 'Wait', ...way }, { at: inDays(24_856) });
    expect(words).toBe('Wait state delay is too long.');
  });

  test('ends a day before that, where seconds still fit into 32 bits', async () => {
    const { outcome } = await run(await start(), single({ Type: 'Wait', Timestamp: inDays(24_855) }));
    expect(outcome.status).toBe('SUCCEEDED');
  });
});

describe('a number that a path leads to', () => {
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
  ])('is none: %j', async (most, told) => {
    expect(await cause(limited.States.Only, { items: [1], most })).toBe(
      `The MaxConcurrencyPath field refers to value ${told} which is not a valid integer: $.most`,
    );
  });
});
