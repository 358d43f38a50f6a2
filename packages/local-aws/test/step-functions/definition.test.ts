import { InvalidDefinitionError } from '../../src/step-functions';
import {
  closeTestStepFunctions,
  lambdaTask,
  singleState,
  startTestStepFunctions,
} from '../../src/testing/step-functions';

afterEach(closeTestStepFunctions);

async function problemsOf(definition: string | object): Promise<readonly string[]> {
  const engine = await startTestStepFunctions();
  try {
    engine.createStateMachine({ name: 'invalid', definition });
  } catch (error) {
    if (error instanceof InvalidDefinitionError) return error.problems;
    throw error;
  }
  return [];
}

const pass = { Type: 'Pass', End: true };
const processor = { StartAt: 'Inner', States: { Inner: pass } };
const distributed = { ...processor, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } };

test('all problems are reported at once, each with its place', async () => {
  const definition = {
    StartAt: 'Nowhere',
    Extra: 1,
    States: {
      A: { Type: 'Pass', Next: 'B', Output: { a: 1 } },
      B: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage', End: true, Next: 'A' },
      C: { Type: 'Jump' },
    },
  };
  expect(await problemsOf(definition)).toEqual([
    "state 'A': field 'Output' is unknown or not supported here",
    "state 'B': Resource 'arn:aws:states:::sqs:sendMessage' is not supported",
    "state 'B': only one of Next, End may be given",
    "state 'C': Type 'Jump' is not supported (supported: Choice, Fail, Map, Parallel, Pass, Succeed, Task, Wait)",
    "definition: StartAt refers to 'Nowhere', which is not a state in this scope",
    "definition: unreachable states: 'A', 'B', 'C'",
    "definition: field 'Extra' is unknown or not supported here",
  ]);
});

test('the message names the state machine and the page of supported features', async () => {
  const engine = await startTestStepFunctions();
  const create = (): unknown =>
    engine.createStateMachine({ name: 'mine', definition: singleState({ Type: 'Pass', Arguments: {} }) });
  expect(create).toThrow(/'mine': the definition has 1 problem.*docs\/feature-support\.md/s);
});

test.each([
  ['invalid JSON', 'text', /not valid JSON/],
  ['a JSON array', '[]', /^Definition must be a valid JSON object$/],
  ['empty text', '', /^Definition must be a valid JSON object$/],
  ['too large', { ...singleState(pass), Comment: 'x'.repeat(1_048_576) }, /the limit is 1048576/],
  ['JSONata', { ...singleState(pass), QueryLanguage: 'JSONata' }, /QueryLanguage "JSONata" is not supported/],
  ['JSONata in a state', singleState({ ...pass, QueryLanguage: 'JSONata' }), /QueryLanguage/],
  ['JSONata output', singleState({ ...pass, Output: '{% 1 %}' }), /field 'Output'/],
  ['neither Next nor End', { StartAt: 'A', States: { A: { Type: 'Pass' } } }, /one of Next, End is required/],
  [
    'a Next to a missing state',
    { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'Z' } } },
    /refers to 'Z'/,
  ],
  ['an unreachable state', { StartAt: 'A', States: { A: pass, B: pass } }, /unreachable states: 'B'/],
  ['a long name', { StartAt: 'x'.repeat(81), States: { ['x'.repeat(81)]: pass } }, /exceeds 80 characters/],
  [
    'a filter',
    singleState({ ...pass, InputPath: '$.a[?(@.b)]' }),
    /unsupported JSONPath at '\[\?\(@\.b\)\]'/,
  ],
  ['recursive descent', singleState({ ...pass, OutputPath: '$..a' }), /unsupported JSONPath/],
  ['a slice', singleState({ ...pass, InputPath: '$.a[1:2]' }), /unsupported JSONPath/],
  ['a path without $', singleState({ ...pass, InputPath: 'a' }), /must start with '\$'/],
  ['a wildcard in ResultPath', singleState({ ...pass, ResultPath: '$.a[*]' }), /must be a reference path/],
  [
    'a ResultPath into the context object',
    singleState({ ...pass, ResultPath: '$$.a' }),
    /cannot write into the context object/,
  ],
  [
    'an unknown intrinsic function',
    singleState({ ...pass, Parameters: { 'a.$': "States.Sha('a', 'MD5')" } }),
    /States\.Sha is not supported/,
  ],
  [
    'a nested unknown intrinsic function',
    singleState({ ...pass, Parameters: { a: [{ 'b.$': 'States.Array(States.ArrayFlatten($.x))' }] } }),
    /States\.ArrayFlatten/,
  ],
  [
    'a wrong number of arguments',
    singleState({ ...pass, Parameters: { 'a.$': 'States.MathAdd(1)' } }),
    /got 1 arguments/,
  ],
  [
    'an incomplete intrinsic function',
    singleState({ ...pass, Parameters: { 'a.$': 'States.Array(1' } }),
    /not an intrinsic function/,
  ],
  [
    'plain text for a key with .$',
    singleState({ ...pass, Parameters: { 'a.$': 'text' } }),
    /not an intrinsic function/,
  ],
  ['a key with and without .$', singleState({ ...pass, Parameters: { a: 1, 'a.$': '$' } }), /appears twice/],
  [
    'a task token in a Pass',
    singleState({ ...pass, Parameters: { 'a.$': '$$.Task.Token' } }),
    /available only in the Parameters of a task that waits/,
  ],
  [
    'an unknown field of the context object',
    singleState({ ...pass, Parameters: { 'a.$': '$$.Execution.Nmae' } }),
    /'\$\$\.Execution\.Nmae' is not supported/,
  ],
  [
    'a map item outside ItemSelector',
    singleState({ ...pass, Parameters: { 'a.$': '$$.Map.Item.Value' } }),
    /only in ItemSelector/,
  ],
  [
    'Result and Parameters',
    singleState({ ...pass, Result: 1, Parameters: {} }),
    /only one of Result, Parameters/,
  ],
  [
    'lambda:invoke.sync',
    singleState({ ...lambdaTask('f'), Resource: 'arn:aws:states:::lambda:invoke.sync' }),
    /Resource .* is not supported/,
  ],
  [
    'an asynchronous invocation',
    singleState(lambdaTask('f', { Parameters: { FunctionName: 'f', Payload: 1, InvocationType: 'Event' } })),
    /InvocationType "Event"/,
  ],
  [
    'an unknown parameter',
    singleState(lambdaTask('f', { Parameters: { FunctionName: 'f', Payload: 1, LogType: 'Tail' } })),
    /field 'LogType'/,
  ],
  [
    'a missing FunctionName',
    singleState(lambdaTask('f', { Parameters: { Payload: 1 } })),
    /FunctionName is required/,
  ],
  ['credentials', singleState(lambdaTask('f', { Credentials: {} })), /field 'Credentials'/],
  [
    'another SDK call',
    singleState({ Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:dynamodb:getItem' }),
    /is not supported/,
  ],
  [
    'TimeoutSeconds and TimeoutSecondsPath',
    singleState(lambdaTask('f', { TimeoutSeconds: 1, TimeoutSecondsPath: '$.t' })),
    /only one of TimeoutSeconds/,
  ],
  [
    'HeartbeatSeconds not below TimeoutSeconds',
    singleState(lambdaTask('f', { TimeoutSeconds: 5, HeartbeatSeconds: 5 })),
    /must be less than TimeoutSeconds/,
  ],
  [
    'States.ALL with other names',
    singleState(lambdaTask('f', { Retry: [{ ErrorEquals: ['States.ALL', 'X'] }] })),
    /must appear alone/,
  ],
  [
    'States.ALL before the last entry',
    singleState(lambdaTask('f', { Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['X'] }] })),
    /in the last entry/,
  ],
  [
    'a misspelled reserved name',
    singleState(lambdaTask('f', { Retry: [{ ErrorEquals: ['States.TaskFail'] }] })),
    /reserved but never reported/,
  ],
  [
    'a BackoffRate below 1',
    singleState(lambdaTask('f', { Retry: [{ ErrorEquals: ['X'], BackoffRate: 0.5 }] })),
    /BackoffRate/,
  ],
  [
    'MaxDelaySeconds not above IntervalSeconds',
    singleState(lambdaTask('f', { Retry: [{ ErrorEquals: ['X'], IntervalSeconds: 5, MaxDelaySeconds: 5 }] })),
    /must exceed IntervalSeconds/,
  ],
  [
    'a Catch to a missing state',
    singleState(lambdaTask('f', { Catch: [{ ErrorEquals: ['X'], Next: 'Z' }] })),
    /refers to 'Z'/,
  ],
  ['Retry on Pass', singleState({ ...pass, Retry: [] }), /field 'Retry'/],
  ['two durations of a Wait', singleState({ Type: 'Wait', Seconds: 1, SecondsPath: '$.a' }), /only one of/],
  [
    'an invalid Timestamp',
    singleState({ Type: 'Wait', Timestamp: '2026-13-01T00:00:00Z' }),
    /not an ISO 8601/,
  ],
  [
    'two comparisons',
    {
      StartAt: 'C',
      States: {
        C: { Type: 'Choice', Choices: [{ Variable: '$.a', IsNull: true, NumericEquals: 1, Next: 'D' }] },
        D: { Type: 'Succeed' },
      },
    },
    /exactly one comparison/,
  ],
  [
    'an unknown comparison operator',
    {
      StartAt: 'C',
      States: {
        C: { Type: 'Choice', Choices: [{ Variable: '$.a', NumericIs: 1, Next: 'D' }] },
        D: { Type: 'Succeed' },
      },
    },
    /'NumericIs' is unknown/,
  ],
  [
    'an operand of the wrong type',
    {
      StartAt: 'C',
      States: {
        C: { Type: 'Choice', Choices: [{ Variable: '$.a', NumericEquals: '1', Next: 'D' }] },
        D: { Type: 'Succeed' },
      },
    },
    /wrong type/,
  ],
  ['the old Iterator', singleState({ Type: 'Map', Iterator: processor }), /ItemProcessor is required/],
  [
    'an ItemReader',
    singleState({ Type: 'Map', ItemProcessor: distributed, ItemReader: {} }),
    /field 'ItemReader'/,
  ],
  [
    'a ResultWriter',
    singleState({ Type: 'Map', ItemProcessor: distributed, ResultWriter: {} }),
    /field 'ResultWriter'/,
  ],
  [
    'children of type EXPRESS',
    singleState({
      Type: 'Map',
      ItemProcessor: { ...distributed, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' } },
    }),
    /"EXPRESS" is not supported/,
  ],
  [
    'tolerance in an inline Map',
    singleState({ Type: 'Map', ItemProcessor: processor, ToleratedFailureCount: 1 }),
    /field 'ToleratedFailureCount'/,
  ],
  [
    'a long label',
    singleState({ Type: 'Map', ItemProcessor: distributed, Label: 'x'.repeat(41) }),
    /1 to 40/,
  ],
  [
    'an ItemBatcher without a size',
    singleState({ Type: 'Map', ItemProcessor: distributed, ItemBatcher: { BatchInput: {} } }),
    /one of MaxItemsPerBatch/,
  ],
  [
    'a state name in two branches',
    singleState({ Type: 'Parallel', Branches: [processor, processor] }),
    /used twice/,
  ],
  [
    'an invalid nested state',
    singleState({
      Type: 'Parallel',
      Branches: [
        {
          StartAt: 'M',
          States: {
            M: {
              Type: 'Map',
              End: true,
              ItemProcessor: { StartAt: 'T', States: { T: { ...pass, Output: {} } } },
            },
          },
        },
      ],
    }),
    /state 'T': field 'Output'/,
  ],
])('refuses %s', async (_what, definition, expected) => {
  const problems = await problemsOf(definition);
  expect(problems.join('\n')).toMatch(expected);
});
