import {
  closeTestStepFunctions,
  functionArn,
  lambdaTask,
  singleState,
  startTestStepFunctions,
} from '../../src/testing/step-functions';

afterEach(closeTestStepFunctions);

const pass = { Type: 'Pass', End: true };
const distributed = {
  StartAt: 'Inner',
  States: { Inner: pass },
  ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
};

test('creating the same state machine again is idempotent; another definition is refused', async () => {
  const engine = await startTestStepFunctions();
  const first = engine.createStateMachine({ name: 'same', definition: singleState(pass) });
  expect(first).toEqual({ stateMachineArn: 'arn:aws:states:eu-west-1:111122223333:stateMachine:same' });
  expect(engine.createStateMachine({ name: 'same', definition: singleState(pass) })).toEqual(first);
  expect(() =>
    engine.createStateMachine({ name: 'same', definition: singleState({ ...pass, Comment: 'c' }) }),
  ).toThrow('State Machine Already Exists');
});

test.each([[''], ['a b'], ['a/b'], ['a:b'], ['a*'], ['x'.repeat(81)], ['a\u0007']])(
  'the name %j is refused',
  async (name) => {
    const engine = await startTestStepFunctions();
    expect(() => engine.createStateMachine({ name, definition: singleState(pass) })).toThrow('Invalid Name');
  },
);

test.each([
  [
    'every field of a Task',
    singleState(
      lambdaTask('f', {
        Comment: 'c',
        InputPath: '$.a',
        OutputPath: '$',
        ResultSelector: { 'a.$': '$.Payload' },
        ResultPath: '$.a',
        TimeoutSeconds: 9,
        HeartbeatSeconds: 3,
        Retry: [
          {
            ErrorEquals: ['A', 'B'],
            IntervalSeconds: 1,
            MaxAttempts: 0,
            BackoffRate: 1,
            MaxDelaySeconds: 9,
            JitterStrategy: 'FULL',
          },
          { ErrorEquals: ['States.ALL'] },
        ],
      }),
    ),
  ],
  [
    'stopExecution',
    singleState({
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:sfn:stopExecution',
      Parameters: { 'ExecutionArn.$': '$.owner', Cause: 'c' },
    }),
  ],
  ["a function's ARN with an alias", singleState({ Type: 'Task', Resource: `${functionArn('f')}:live` })],
  [
    'every field of a Distributed Map',
    singleState({
      Type: 'Map',
      ItemProcessor: distributed,
      ItemsPath: '$.items',
      ItemSelector: { 'v.$': '$$.Map.Item.Value.a', 'i.$': '$$.Map.Item.Index', 'e.$': '$$.Execution.Id' },
      MaxConcurrencyPath: '$.c',
      ToleratedFailureCountPath: '$.n',
      ToleratedFailurePercentage: 5,
      Label: 'Copy',
      ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { 'a.$': '$.a' } },
      ResultPath: null,
    }),
  ],
])('accepts %s', async (_what, definition) => {
  const engine = await startTestStepFunctions();
  expect(engine.createStateMachine({ name: 'accepted', definition })).toHaveProperty('stateMachineArn');
});
