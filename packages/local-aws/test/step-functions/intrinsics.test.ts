import type { StepFunctions } from '../../src/step-functions';
import {
  closeTestStepFunctions,
  runStateMachine,
  singleState,
  startTestStepFunctions,
} from '../../src/testing/step-functions';

describe('intrinsic functions', () => {
  let engine: StepFunctions;
  let machines = 0;

  beforeAll(async () => {
    engine = await startTestStepFunctions();
  });
  afterAll(closeTestStepFunctions);

  const evaluated = async (text: string, input: unknown): Promise<unknown> => {
    const definition = singleState({ Type: 'Pass', Parameters: { 'v.$': text } });
    const machine = engine.createStateMachine({ name: `m${(machines += 1)}`, definition });
    const { executionArn } = engine.startExecution({ ...machine, input });
    const { output, error } = await engine.settled(executionArn);
    return output === undefined ? error : (JSON.parse(output) as { v: unknown }).v;
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
    // The following cases are recorded on AWS or taken from the developer guide.
    [`States.Format('{}', $.a)`, { a: { b: 1, c: ['x', null] } }, '{b=1, c=[x, null]}'],
    [`States.Format('a\\\\{}', 1)`, {}, 'a\\1'],
    [`States.Format('a\\\\\\{\\}')`, {}, 'a\\{}'],
    [`States.Array('a\\\\', '\\\\{', '\\'\\{\\}')`, {}, ['a\\', '\\{', `'{}`]],
    ['States.Format($.a, 1)', { a: '\\{}\\n{}' }, '{}\\n1'],
    ['States.StringToJson($.a)', { a: ' ' }, null],
    ['States.MathAdd($.a, 0)', { a: 1.5 }, 2],
    ['States.MathAdd($.a, 0)', { a: -1.5 }, -1],
    ['States.MathAdd($.a, 0)', { a: -0.5 }, 0],
    ['States.ArrayPartition($.a, 4)', { a: [1, 2, 3, 4, 5, 6, 7, 8, 9] }, [[1, 2, 3, 4], [5, 6, 7, 8], [9]]],
    ['States.ArrayPartition($.a, 4)', { a: [] }, []],
    ['States.ArrayPartition($.a, 0)', { a: [1] }, 'States.Runtime'],
    ['States.ArrayContains($.a, $.b)', { a: [{ x: 1, y: [] }], b: { y: [], x: 1 } }, true],
    ['States.ArrayContains($.a, $.b)', { a: [[1, 2]], b: 1 }, false],
    ['States.ArrayRange(0, 10, 3)', {}, [0, 3, 6, 9]],
    ['States.ArrayRange(9, 1, -4)', {}, [9, 5, 1]],
    ['States.ArrayRange(1, 1000, 1)', {}, Array.from({ length: 1000 }, (_item, index) => index + 1)],
    ['States.ArrayRange(0, 1000, 1)', {}, 'States.Runtime'],
    ['States.ArrayRange(1, 9, 0)', {}, 'States.Runtime'],
    ['States.ArrayUnique($.a)', { a: [3, 1, 3, 'x', [1], [1], null, null] }, [3, 1, 'x', [1], null]],
    ['States.Base64Encode($.a)', { a: 'Data to encode' }, 'RGF0YSB0byBlbmNvZGU='],
    ['States.Base64Decode($.a)', { a: 'RGF0YSB0byBlbmNvZGU=' }, 'Data to encode'],
    ['States.Base64Encode($.a)', { a: 'x'.repeat(10_001) }, 'States.Runtime'],
    [`States.Hash('input data', 'MD5')`, {}, '812f45842bc6d66ee14572ce20db8e86'],
    [`States.Hash($.a, 'SHA-1')`, { a: 'input data' }, 'aaff4a450a104cd177d28d18d74485e8cae074b7'],
    [`States.Hash($.a, 'SHA-2')`, { a: 'input data' }, 'States.Runtime'],
    [
      'States.StringSplit($.a, $.b)',
      { a: 'This.is+a,test=string', b: '.+,=' },
      ['This', 'is', 'a', 'test', 'string'],
    ],
    ['States.StringSplit($.a, $.b)', { a: ', , ,', b: ',' }, [' ', ' ']],
    ['States.MathRandom(5, 6)', {}, 5],
    ['States.MathRandom(5, 5)', {}, 'States.Runtime'],
  ])('%s', async (text, input, expected) => {
    expect(await evaluated(text, input)).toEqual(expected);
  });

  // AWS refuses these two, as recorded by LocalStack's test_illegal_escapes.
  test.each([
    [`States.StringToJson('{"text":"An \\"escaped double quote\\" here"}')`, '\\"'],
    [`States.Format('He said, \\"Hello, {}!\\"', 'Test \\"Name\\" Here')`, '\\"'],
    [`States.Format('a\\q')`, '\\q'],
    [`States.Array('a', 'a\\\\\\n')`, '\\n'],
    [`States.Format('{}', States.Hash('\\u0041', 'MD5'))`, '\\u'],
  ])('%s is refused in a definition', async (text, escape) => {
    await expect(evaluated(text, {})).rejects.toThrow(`has the illegal escape ${escape};`);
  });

  test('an open escape is refused in a definition', async () => {
    await expect(evaluated(`States.Format('a\\')`, {})).rejects.toThrow('unexpected text');
  });

  test('a seed repeats the random number', async () => {
    const numbers = [
      await evaluated('States.MathRandom(0, 999, 3)', {}),
      await evaluated('States.MathRandom(0, 999, 3)', {}),
    ];
    expect(numbers[0]).toBe(numbers[1]);
    expect(numbers[0]).toBeLessThan(999);
  });

  test('a field has at most 10 intrinsic functions', async () => {
    const nested = (depth: number): string => (depth === 0 ? '1' : `States.MathAdd(${nested(depth - 1)}, 1)`);
    expect(await evaluated(nested(10), {})).toBe(11);
    await expect(evaluated(nested(11), {})).rejects.toThrow('has 11 intrinsic functions');
  });

  test('a seed repeats the UUIDs', async () => {
    const seeded = async (): Promise<unknown> => {
      let state = 1;
      const random = (): number => (state = (state * 16807) % 2147483647) / 2147483647;
      const definition = singleState({ Type: 'Pass', Parameters: { 'v.$': 'States.UUID()' } });
      return (await runStateMachine(await startTestStepFunctions({}, { random }), definition)).output;
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
