import { InvalidDefinitionError } from '../../src/step-functions';
import { closeAll, invoke, single, start } from '../../src/testing/step-functions';

afterEach(closeAll);

async function problemsOf(definition: string | object): Promise<readonly string[]> {
  const engine = await start();
  try {
    engine.createStateMachine({ name: 'refused', definition });
  } catch (error) {
    if (error instanceof InvalidDefinitionError) return error.problems;
    throw error;
  }
  return [];
}

const pass = { Type: 'Pass', End: true };
const processor = { StartAt: 'Inner', States: { Inner: pass } };
const distributed = { ...processor, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } };

test('everything that is wrong is said at once, with its place', async () => {
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
    "definition: StartAt leads to 'Nowhere', which is no state here",
    "definition: no way leads to 'A', 'B', 'C'",
    "definition: field 'Extra' is unknown or not supported here",
  ]);
});

test('the message names the machine and the page of what is supported', async () => {
  const engine = await start();
  const create = (): unknown =>
    engine.createStateMachine({ name: 'mine', definition: single({ Type: 'Pass', Arguments: {} }) });
  expect(create).toThrow(/'mine' is refused, 1 problem.*docs\/feature-support\.md/s);
});

test.each([
  ['no JSON', 'text', /no JSON/],
  ['no object', '[]', /^Definition must be a valid JSON object$/],
  ['nothing', '', /^Definition must be a valid JSON object$/],
  ['too large', { ...single(pass), Comment: 'x'.repeat(1_048_576) }, /the limit is 1048576/],
  ['JSONata', { ...single(pass), QueryLanguage: 'JSONata' }, /QueryLanguage "JSONata" is not supported/],
  ['JSONata in a state', single({ ...pass, QueryLanguage: 'JSONata' }), /QueryLanguage/],
  ['JSONata output', single({ ...pass, Output: '{% 1 %}' }), /field 'Output'/],
  ['no end', { StartAt: 'A', States: { A: { Type: 'Pass' } } }, /one of Next, End is required/],
  ['a loop without its target', { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'Z' } } }, /leads to 'Z'/],
  ['an unreachable state', { StartAt: 'A', States: { A: pass, B: pass } }, /no way leads to 'B'/],
  ['a long name', { StartAt: 'x'.repeat(81), States: { ['x'.repeat(81)]: pass } }, /exceeds 80 characters/],
  ['a filter', single({ ...pass, InputPath: '$.a[?(@.b)]' }), /unsupported JSONPath at '\[\?\(@\.b\)\]'/],
  ['recursive descent', single({ ...pass, OutputPath: '$..a' }), /unsupported JSONPath/],
  ['a slice', single({ ...pass, InputPath: '$.a[1:2]' }), /unsupported JSONPath/],
  ['a path without $', single({ ...pass, InputPath: 'a' }), /must start with '\$'/],
  ['a wildcard in ResultPath', single({ ...pass, ResultPath: '$.a[*]' }), /must be a reference path/],
  [
    'writing into the context',
    single({ ...pass, ResultPath: '$$.a' }),
    /cannot write into the context object/,
  ],
  [
    'an unknown intrinsic',
    single({ ...pass, Parameters: { 'a.$': "States.Sha('a', 'MD5')" } }),
    /States\.Sha is not supported/,
  ],
  [
    'an unknown intrinsic deep inside',
    single({ ...pass, Parameters: { a: [{ 'b.$': 'States.Array(States.ArrayFlatten($.x))' }] } }),
    /States\.ArrayFlatten/,
  ],
  [
    'a wrong number of arguments',
    single({ ...pass, Parameters: { 'a.$': 'States.MathAdd(1)' } }),
    /got 1 arguments/,
  ],
  [
    'an unfinished intrinsic',
    single({ ...pass, Parameters: { 'a.$': 'States.Array(1' } }),
    /not an intrinsic function/,
  ],
  ['a plain text under .$', single({ ...pass, Parameters: { 'a.$': 'text' } }), /not an intrinsic function/],
  ['a key given twice', single({ ...pass, Parameters: { a: 1, 'a.$': '$' } }), /given twice/],
  [
    'a task token',
    single({ ...pass, Parameters: { 'a.$': '$$.Task.Token' } }),
    /exists only in the Parameters of a task that waits/,
  ],
  [
    'an unknown context value',
    single({ ...pass, Parameters: { 'a.$': '$$.Execution.Nmae' } }),
    /no supported/,
  ],
  [
    'a map item outside ItemSelector',
    single({ ...pass, Parameters: { 'a.$': '$$.Map.Item.Value' } }),
    /only in ItemSelector/,
  ],
  ['Result and Parameters', single({ ...pass, Result: 1, Parameters: {} }), /only one of Result, Parameters/],
  [
    'a job of Lambda',
    single({ ...invoke('f'), Resource: 'arn:aws:states:::lambda:invoke.sync' }),
    /Resource .* is not supported/,
  ],
  [
    'an asynchronous invocation',
    single(invoke('f', { Parameters: { FunctionName: 'f', Payload: 1, InvocationType: 'Event' } })),
    /InvocationType "Event"/,
  ],
  [
    'an unknown parameter',
    single(invoke('f', { Parameters: { FunctionName: 'f', Payload: 1, LogType: 'Tail' } })),
    /field 'LogType'/,
  ],
  ['no function', single(invoke('f', { Parameters: { Payload: 1 } })), /FunctionName is required/],
  ['credentials', single(invoke('f', { Credentials: {} })), /field 'Credentials'/],
  [
    'another SDK call',
    single({ Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:dynamodb:getItem' }),
    /is not supported/,
  ],
  [
    'two timeouts',
    single(invoke('f', { TimeoutSeconds: 1, TimeoutSecondsPath: '$.t' })),
    /only one of TimeoutSeconds/,
  ],
  [
    'a late heartbeat',
    single(invoke('f', { TimeoutSeconds: 5, HeartbeatSeconds: 5 })),
    /must be less than TimeoutSeconds/,
  ],
  [
    'States.ALL in company',
    single(invoke('f', { Retry: [{ ErrorEquals: ['States.ALL', 'X'] }] })),
    /must stand alone/,
  ],
  [
    'States.ALL before others',
    single(invoke('f', { Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['X'] }] })),
    /in the last entry/,
  ],
  [
    'a misspelt reserved name',
    single(invoke('f', { Retry: [{ ErrorEquals: ['States.TaskFail'] }] })),
    /reserved but never reported/,
  ],
  [
    'a shrinking backoff',
    single(invoke('f', { Retry: [{ ErrorEquals: ['X'], BackoffRate: 0.5 }] })),
    /BackoffRate/,
  ],
  [
    'a low ceiling',
    single(invoke('f', { Retry: [{ ErrorEquals: ['X'], IntervalSeconds: 5, MaxDelaySeconds: 5 }] })),
    /must exceed IntervalSeconds/,
  ],
  ['a Catch to nowhere', single(invoke('f', { Catch: [{ ErrorEquals: ['X'], Next: 'Z' }] })), /leads to 'Z'/],
  ['Retry on Pass', single({ ...pass, Retry: [] }), /field 'Retry'/],
  ['two kinds of wait', single({ Type: 'Wait', Seconds: 1, SecondsPath: '$.a' }), /only one of/],
  ['a bad time', single({ Type: 'Wait', Timestamp: '2026-13-01T00:00:00Z' }), /no ISO-8601/],
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
    'an unknown comparison',
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
    'an operand of another type',
    {
      StartAt: 'C',
      States: {
        C: { Type: 'Choice', Choices: [{ Variable: '$.a', NumericEquals: '1', Next: 'D' }] },
        D: { Type: 'Succeed' },
      },
    },
    /wrong type/,
  ],
  ['the old Iterator', single({ Type: 'Map', Iterator: processor }), /ItemProcessor is required/],
  [
    'an ItemReader',
    single({ Type: 'Map', ItemProcessor: distributed, ItemReader: {} }),
    /field 'ItemReader'/,
  ],
  [
    'a ResultWriter',
    single({ Type: 'Map', ItemProcessor: distributed, ResultWriter: {} }),
    /field 'ResultWriter'/,
  ],
  [
    'express children',
    single({
      Type: 'Map',
      ItemProcessor: { ...distributed, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' } },
    }),
    /"EXPRESS" is not supported/,
  ],
  [
    'tolerance in an inline Map',
    single({ Type: 'Map', ItemProcessor: processor, ToleratedFailureCount: 1 }),
    /field 'ToleratedFailureCount'/,
  ],
  ['a long label', single({ Type: 'Map', ItemProcessor: distributed, Label: 'x'.repeat(41) }), /1 to 40/],
  [
    'a batcher without a size',
    single({ Type: 'Map', ItemProcessor: distributed, ItemBatcher: { BatchInput: {} } }),
    /one of MaxItemsPerBatch/,
  ],
  [
    'a name used in two branches',
    single({ Type: 'Parallel', Branches: [processor, processor] }),
    /used twice/,
  ],
  [
    'a wrong state deep inside',
    single({
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
])('refused: %s', async (_what, definition, expected) => {
  const problems = await problemsOf(definition);
  expect(problems.join('\n')).toMatch(expected);
});
