import { closeAll, functionArn, invoke, single, start } from '../../src/testing/step-functions';

afterEach(closeAll);

const pass = { Type: 'Pass', End: true };
const distributed = {
  StartAt: 'Inner',
  States: { Inner: pass },
  ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
};

test('creating the same state machine again is idempotent; another definition is refused', async () => {
  const engine = await start();
  const first = engine.createStateMachine({ name: 'same', definition: single(pass) });
  expect(first).toEqual({ stateMachineArn: 'arn:aws:states:eu-west-1:111122223333:stateMachine:same' });
  expect(engine.createStateMachine({ name: 'same', definition: single(pass) })).toEqual(first);
  expect(() =>
    engine.createStateMachine({ name: 'same', definition: single({ ...pass, Comment: 'c' }) }),
  ).toThrow('State Machine Already Exists');
});

test.each([[''], ['a b'], ['a/b'], ['a:b'], ['a*'], ['x'.repeat(81)], ['a\u0007']])(
  'the name %j is refused',
  async (name) => {
    const engine = await start();
    expect(() => engine.createStateMachine({ name, definition: single(pass) })).toThrow('Invalid Name');
  },
);

test.each([
  [
    'every field of a Task',
    single(
      invoke('f', {
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
    single({
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:sfn:stopExecution',
      Parameters: { 'ExecutionArn.$': '$.owner', Cause: 'c' },
    }),
  ],
  ["a function's ARN with an alias", single({ Type: 'Task', Resource: `${functionArn('f')}:live` })],
  [
    'every field of a Distributed Map',
    single({
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
  const engine = await start();
  expect(engine.createStateMachine({ name: 'accepted', definition })).toHaveProperty('stateMachineArn');
});
