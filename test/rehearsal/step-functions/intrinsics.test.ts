import { closeAll, run, single, start } from './harness';

afterEach(closeAll);

describe('intrinsic functions', () => {
  const evaluated = async (text: string, input: unknown): Promise<unknown> => {
    const { output, outcome } = await run(
      await start(),
      single({ Type: 'Pass', Parameters: { 'v.$': text } }),
      input,
    );
    return outcome.status === 'SUCCEEDED' ? (output as { v: unknown }).v : outcome.error;
  };

  test.each([
    [`States.Format('{}-{} \\{it\\'s\\}', $.a, 7)`, { a: 'x' }, `x-7 {it's}`],
    ['States.Array($.a, 1, null, true)', { a: [2] }, [[2], 1, null, true]],
    ['States.ArrayLength($.a)', { a: [1, 2, 3] }, 3],
    ['States.ArrayGetItem($.a, 1)', { a: [5, 6] }, 6],
    ['States.MathAdd($.a, -1)', { a: 3 }, 2],
    ['States.JsonToString($.a)', { a: { b: [1] } }, '{"b":[1]}'],
    ['States.StringToJson($.a)', { a: '{"b":[1]}' }, { b: [1] }],
    ['States.JsonMerge($.a, $.b, false)', { a: { x: 1, y: 1 }, b: { y: 2 } }, { x: 1, y: 2 }],
    [`States.Format('{}', States.ArrayLength(States.Array(1, 2)))`, {}, '2'],
    [`States.Format('{}', $$.State.Name)`, {}, 'Only'],
    ['States.ArrayGetItem($.a, 2)', { a: [1] }, 'States.Runtime'],
    ['States.MathAdd($.a, 1)', { a: 2 ** 31 - 1 }, 'States.Runtime'],
    ['States.StringToJson($.a)', { a: 'no json' }, 'States.Runtime'],
    [`States.Format('{} {}', $.a)`, { a: 1 }, 'States.Runtime'],
  ])('%s', async (text, input, expected) => {
    expect(await evaluated(text, input)).toEqual(expected);
  });

  test('a seed repeats the UUIDs', async () => {
    const seeded = async (): Promise<unknown> => {
      let state = 1;
      const random = (): number => (state = (state * 16807) % 2147483647) / 2147483647;
      const definition = single({ Type: 'Pass', Parameters: { 'v.$': 'States.UUID()' } });
      return (await run(await start({}, { random }), definition)).output;
    };
    const first = await seeded();
    expect(first).toEqual({
      v: expect.stringMatching(
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      ) as string,
    });
    expect(await seeded()).toEqual(first);
  });
});
