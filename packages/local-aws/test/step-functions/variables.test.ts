import { DescribeStateMachineCommand } from '@aws-sdk/client-sfn';
import { InvalidDefinitionError } from '../../src/step-functions';
import {
  closeTestStepFunctions,
  detailsOf,
  functionArn,
  functionError,
  runStateMachine,
  singleState,
  startTestStepFunctions,
  type CompletedRun,
} from '../../src/testing/step-functions';
import { clientOf, closeServed } from './served-engine';

afterEach(async () => {
  await closeServed();
  await closeTestStepFunctions();
});

/** Builds a definition that runs the states in sequence. */
function chain(...states: object[]): { StartAt: string; States: Record<string, object> } {
  const entries = states.map((state, index): [string, object] => [
    `S${index}`,
    { ...state, ...(index + 1 < states.length ? { Next: `S${index + 1}` } : { End: true }) },
  ]);
  return { StartAt: 'S0', States: Object.fromEntries(entries) };
}

const pass = (fields: object): object => ({ Type: 'Pass', ...fields });
const assignedBy = ({ events }: CompletedRun, state: string): unknown => {
  const exited = events.filter((event) => detailsOf(event)['name'] === state).at(-1);
  return detailsOf(exited)['assignedVariables'];
};

test('a variable keeps its value for later states, and does not change their input', async () => {
  const definition = chain(
    pass({ Assign: { 'count.$': '$.n', fixed: { 'at.$': '$$.State.Name', is: null } } }),
    pass({ Result: 'elsewhere' }),
    pass({ Parameters: { 'v.$': '$count', 'deep.$': '$fixed.at', 'text.$': "States.Format('{}', $count)" } }),
  );
  const done = await runStateMachine(await startTestStepFunctions(), definition, { n: 7 });
  expect(done.output).toEqual({ v: 7, deep: 'S0', text: '7' });
  // As recorded on AWS, the exit of the state lists names and values as JSON text.
  expect(assignedBy(done, 'S0')).toEqual({ count: '7', fixed: '{"at":"S0","is":null}' });
  expect(detailsOf(done.events[2])['assignedVariablesDetails']).toEqual({ truncated: false });
  expect(assignedBy(done, 'S1')).toBeUndefined();
});

test('all values are evaluated before any is assigned', async () => {
  const definition = chain(
    pass({ Assign: { x: 3, a: 6 } }),
    pass({ Assign: { 'x.$': '$a', 'nextX.$': '$x' }, Parameters: { 'seen.$': '$x' } }),
    pass({ Parameters: { 'x.$': '$x', 'nextX.$': '$nextX', 'seen.$': '$.seen' } }),
  );
  expect((await runStateMachine(await startTestStepFunctions(), definition)).output).toEqual({
    x: 6,
    nextX: 3,
    seen: 3,
  });
});

describe('Assign', () => {
  const show = pass({ Parameters: { 'v.$': '$v' } });
  const lambdas = { f: () => ({ raw: 1 }) };
  test.each([
    [
      'the raw result of a Task',
      { Type: 'Task', Resource: functionArn('f'), ResultSelector: {} },
      { raw: 1 },
    ],
    ['the Result of a Pass', pass({ Result: [1] }), [1]],
    ['the Parameters of a Pass', pass({ Parameters: { 'p.$': '$.in' } }), { p: 'i' }],
    ['the effective input of a Wait', { Type: 'Wait', Seconds: 1, InputPath: '$.in' }, 'i'],
    [
      'the outputs of a Map',
      {
        Type: 'Map',
        ItemsPath: '$.items',
        ResultPath: null,
        ItemProcessor: { StartAt: 'I', States: { I: { Type: 'Pass', End: true } } },
      },
      [1, 2],
    ],
  ])('$ is %s', async (_what, state, expected) => {
    const definition = chain({ ...state, Assign: { 'v.$': '$' } }, show);
    const { output } = await runStateMachine(await startTestStepFunctions(lambdas), definition, {
      in: 'i',
      items: [1, 2],
    });
    expect(output).toEqual({ v: expected });
  });

  test('in a Catch, $ is the error, and the variable belongs to the outer scope', async () => {
    const broken = { Type: 'Task', Resource: functionArn('f'), End: true, Assign: { inner: 1 } };
    const definition = {
      StartAt: 'Both',
      States: {
        Both: {
          Type: 'Parallel',
          Branches: [{ StartAt: 'F', States: { F: broken } }],
          Assign: { well: true },
          Catch: [{ ErrorEquals: ['States.ALL'], Assign: { 'error.$': '$.Error' }, Next: 'Show' }],
          End: true,
        },
        Show: { Type: 'Pass', Parameters: { 'error.$': '$error' }, End: true },
      },
    };
    const f = (): never => {
      throw functionError('Broken');
    };
    const done = await runStateMachine(await startTestStepFunctions({ f }), definition);
    expect(done.output).toEqual({ error: 'Broken' });
    expect(assignedBy(done, 'Both')).toEqual({ error: '"Broken"' });
  });

  test.each([
    [1, 'rule'],
    [2, 'default'],
  ])('in a Choice, the matching rule assigns instead of the state (%d: %s)', async (n, expected) => {
    const definition = {
      StartAt: 'C',
      States: {
        C: {
          Type: 'Choice',
          Assign: { by: 'default' },
          Choices: [{ Variable: '$.n', NumericEquals: 1, Assign: { by: 'rule' }, Next: 'L' }],
          Default: 'L',
        },
        L: { Type: 'Pass', Parameters: { 'by.$': '$by' }, End: true },
      },
    };
    expect((await runStateMachine(await startTestStepFunctions(), definition, { n })).output).toEqual({
      by: expected,
    });
  });
});

test('inner states see outer variables, and each iteration has its own variables', async () => {
  const processor = {
    StartAt: 'Own',
    States: {
      Own: { Type: 'Pass', Assign: { 'own.$': '$' }, Next: 'Add' },
      Add: { Type: 'Pass', Parameters: { 'sum.$': 'States.MathAdd($own, $bias)' }, End: true },
    },
  };
  const definition = chain(pass({ Assign: { bias: 10, items: [1, 2, 3], most: 2 } }), {
    Type: 'Map',
    ItemsPath: '$items',
    MaxConcurrencyPath: '$most',
    ItemProcessor: processor,
  });
  expect((await runStateMachine(await startTestStepFunctions(), definition)).output).toEqual([
    { sum: 11 },
    { sum: 12 },
    { sum: 13 },
  ]);
});

test('a reference to a variable that is not assigned yet is States.Runtime', async () => {
  const definition = {
    StartAt: 'C',
    States: {
      C: { Type: 'Choice', Choices: [{ Variable: '$.n', IsPresent: true, Next: 'A' }], Default: 'L' },
      A: { Type: 'Pass', Assign: { late: 1 }, Next: 'L' },
      L: { Type: 'Pass', Parameters: { 'late.$': '$late' }, End: true },
    },
  };
  const engine = await startTestStepFunctions();
  expect((await runStateMachine(engine, definition, { n: 1 })).output).toEqual({ late: 1 });
  const { outcome } = await runStateMachine(engine, definition, {});
  expect(outcome).toMatchObject({ error: 'States.Runtime' });
  expect(outcome.cause).toContain("The variable '$late'");
});

// Source: "Limits" in "Passing data between states with variables".
describe('limits', () => {
  const big = 'x'.repeat(200_000);
  test('256 KiB in one Assign', async () => {
    const one = chain(pass({ Assign: { 'a.$': '$.big' } }));
    const two = chain(pass({ Assign: { 'a.$': '$.big', 'b.$': '$.big' } }));
    const engine = await startTestStepFunctions();
    expect((await runStateMachine(engine, one, { big }, 'one')).outcome.status).toBe('SUCCEEDED');
    expect((await runStateMachine(engine, two, { big }, 'two')).outcome).toMatchObject({
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
    });
  });

  test('10 MiB for all variables; a replaced variable counts once', async () => {
    const engine = await startTestStepFunctions();
    const assigning = (nameOf: (index: number) => string): object =>
      chain(
        ...Array.from({ length: 60 }, (_state, index) =>
          pass({ Assign: { [`${nameOf(index)}.$`]: '$.big' } }),
        ),
      );
    const [one, many] = [assigning(() => 'same'), assigning((index) => `v${index}`)];
    expect((await runStateMachine(engine, one, { big }, 'one')).outcome.status).toBe('SUCCEEDED');
    const { outcome } = await runStateMachine(engine, many, { big }, 'many');
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });
});

describe('refuses', () => {
  const inner = (state: object, config = {}): object => ({
    Type: 'Map',
    ItemProcessor: { ...config, StartAt: 'I', States: { I: { ...state, End: true } } },
  });
  const distributed = { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } };
  test.each([
    [
      'a reference to a variable that is never assigned',
      singleState({ Type: 'Pass', InputPath: '$missing' }),
      "state 'Only': InputPath '$missing': no state in this scope assigns the variable '$missing'",
    ],
    [
      'a reference to an inner variable from outside',
      chain(inner(pass({ Assign: { x: 1 } })), pass({ InputPath: '$x' })),
      "state 'S1': InputPath '$x': no state in this scope assigns the variable '$x'",
    ],
    [
      'the same name in an inner scope',
      chain(pass({ Assign: { x: 1 } }), inner(pass({ Assign: { x: 2 } }))),
      "state 'I': Assign: the variable 'x' is also assigned in an outer scope (state 'S0': Assign)",
    ],
    [
      'a reference to an outer variable in a Distributed Map',
      chain(pass({ Assign: { x: 1 } }), inner(pass({ InputPath: '$x' }), distributed)),
      "state 'I': InputPath '$x': no state in this scope assigns the variable '$x'",
    ],
    [
      'an assignment to a part of a variable',
      singleState(pass({ Assign: { 'x.y': 1 } })),
      "Assign: 'x.y' is not a variable name",
    ],
    ['a long name', singleState(pass({ Assign: { ['x'.repeat(81)]: 1 } })), 'is not a variable name'],
    ['the reserved name', singleState(pass({ Assign: { states: 1 } })), "'states' is not a variable name"],
    [
      'a ResultPath into a variable',
      chain(pass({ Assign: { x: {} } }), pass({ ResultPath: '$x' })),
      "state 'S1': ResultPath '$x' cannot write into a variable; use Assign",
    ],
    [
      'Assign in Succeed',
      { StartAt: 'S', States: { S: { Type: 'Succeed', Assign: {} } } },
      "state 'S': field 'Assign' is unknown or not supported here",
    ],
  ])('%s', async (_what, definition, problem) => {
    const engine = await startTestStepFunctions();
    const create = (): unknown => engine.createStateMachine({ name: 'refused', definition });
    expect(create).toThrow(InvalidDefinitionError);
    expect(create).toThrow(problem);
  });
});

test('DescribeStateMachine lists the variables that each state refers to', async () => {
  const engine = await startTestStepFunctions();
  const definition = chain(
    pass({ Assign: { guess: 'a', color: 'b' } }),
    pass({ Parameters: { 'g.$': '$guess', 'c.$': '$color' } }),
    pass({ Parameters: { literal: '$guess' } }),
  );
  const { stateMachineArn } = engine.createStateMachine({ name: 'referring', definition });
  const described = await clientOf(engine).send(new DescribeStateMachineCommand({ stateMachineArn }));
  expect(described.variableReferences).toEqual({ S1: ['color', 'guess'] });
});
