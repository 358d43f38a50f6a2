import {
  closeTestStepFunctions,
  detailsOf,
  functionArn,
  lambdaTask,
  runStateMachine,
  singleState,
  startTestStepFunctions,
} from '../../src/testing/step-functions';

afterEach(closeTestStepFunctions);

describe('Pass', () => {
  test.each([[false], [null], [0], [''], [{ a: [1] }]])('returns its Result %j', async (result) => {
    const { output } = await runStateMachine(
      await startTestStepFunctions(),
      singleState({ Type: 'Pass', Result: result }),
      { other: 1 },
    );
    expect(output).toEqual(result);
  });

  test('applies InputPath, Parameters, ResultPath and OutputPath', async () => {
    const definition = singleState({
      Type: 'Pass',
      InputPath: '$.in',
      Parameters: { 'name.$': '$.who', fixed: true, nested: [{ 'all.$': '$.list[*].n' }] },
      ResultPath: '$.made.here',
      OutputPath: '$.made',
    });
    const { output } = await runStateMachine(await startTestStepFunctions(), definition, {
      in: { who: 'x', list: [{ n: 1 }, { n: 2 }] },
      made: { old: 1 },
    });
    expect(output).toEqual({ old: 1, here: { name: 'x', fixed: true, nested: [{ all: [1, 2] }] } });
  });

  test('InputPath null gives an empty object; ResultPath null keeps the input', async () => {
    const engine = await startTestStepFunctions();
    const first = await runStateMachine(
      engine,
      singleState({ Type: 'Pass', InputPath: null }),
      { a: 1 },
      'first',
    );
    expect(first.output).toEqual({});
    const second = await runStateMachine(
      engine,
      singleState({ Type: 'Pass', Result: 1, ResultPath: null }),
      { a: 1 },
      'second',
    );
    expect(second.output).toEqual({ a: 1 });
  });

  test('a path to a missing value fails with States.Runtime and names the place', async () => {
    const { outcome } = await runStateMachine(
      await startTestStepFunctions(),
      singleState({ Type: 'Pass', Parameters: { 'a.$': '$.nowhere' } }),
      {},
    );
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(outcome.cause).toBe(
      "An error occurred while executing the state 'Only' (entered at the event id #2). " +
        "The JSONPath '$.nowhere' specified for the field 'a.$' could not be found in the input '{}'",
    );
  });

  test('inherited members are not data', async () => {
    const { outcome } = await runStateMachine(
      await startTestStepFunctions(),
      singleState({ Type: 'Pass', InputPath: '$.constructor' }),
      {},
    );
    expect(outcome.error).toBe('States.Runtime');
  });
});

describe('the context object', () => {
  test('describes the execution, the state and the state machine', async () => {
    const engine = await startTestStepFunctions();
    const definition = singleState({ Type: 'Pass', Parameters: { 'context.$': '$$' } });
    const { stateMachineArn } = engine.createStateMachine({
      name: 'described',
      definition,
      roleArn: 'arn:aws:iam::1:role/r',
    });
    const { executionArn } = engine.startExecution({ stateMachineArn, name: 'one', input: { a: 1 } });
    const { output } = await engine.settled(executionArn);
    const time = expect.stringMatching(/^2026-01-31T12:00:00\.\d{3}Z$/) as string;
    expect(JSON.parse(output ?? '')).toEqual({
      context: {
        Execution: {
          Id: 'arn:aws:states:eu-west-1:111122223333:execution:described:one',
          Input: { a: 1 },
          Name: 'one',
          RoleArn: 'arn:aws:iam::1:role/r',
          StartTime: time,
          RedriveCount: 0,
        },
        StateMachine: {
          Id: 'arn:aws:states:eu-west-1:111122223333:stateMachine:described',
          Name: 'described',
        },
        State: { Name: 'Only', EnteredTime: time },
      },
    });
  });
});

test('RetryCount exists only in states that can be retried', async () => {
  const counts: unknown[] = [];
  const engine = await startTestStepFunctions({
    count: (payload) => {
      counts.push(payload);
      if (counts.length < 3) throw new Error('again');
    },
  });
  const countedAs = { FunctionName: functionArn('count'), Payload: { 'count.$': '$$.State.RetryCount' } };
  const again = [{ ErrorEquals: ['States.ALL'] }];
  await runStateMachine(
    engine,
    singleState(lambdaTask('count', { Parameters: countedAs, Retry: again })),
    {},
    'task',
  );
  expect(counts).toEqual([{ count: 0 }, { count: 1 }, { count: 2 }]);
  const pass = singleState({ Type: 'Pass', Parameters: { 'count.$': '$$.State.RetryCount' } });
  expect((await runStateMachine(engine, pass, {}, 'pass')).outcome.error).toBe('States.Runtime');
});

describe('Wait', () => {
  test.each([
    [{ Seconds: 90 }, 90],
    [{ SecondsPath: '$.seconds' }, 30],
    [{ Timestamp: '2026-01-31T12:02:00Z' }, 120],
    [{ TimestampPath: '$.at' }, 60],
    [{ Timestamp: '2020-01-01T00:00:00Z' }, 0],
  ])('%j waits for %d seconds', async (field, seconds) => {
    const input = { seconds: 30, at: '2026-01-31T12:01:00Z' };
    const { events, output } = await runStateMachine(
      await startTestStepFunctions(),
      singleState({ Type: 'Wait', ...field }),
      input,
    );
    expect((events.at(-1)?.timestamp ?? 0) - (events[0]?.timestamp ?? 0)).toBe(seconds);
    expect(output).toEqual(input);
  });

  test.each([
    [{ SecondsPath: '$.v' }, { v: -1 }],
    [{ SecondsPath: '$.v' }, { v: '3' }],
    [{ TimestampPath: '$.v' }, { v: '2026-01-31 12:00:00Z' }],
  ])('%j with the input %j fails', async (field, input) => {
    const { outcome } = await runStateMachine(
      await startTestStepFunctions(),
      singleState({ Type: 'Wait', ...field }),
      input,
    );
    expect(outcome.error).toBe('States.Runtime');
  });
});

describe('Succeed and Fail', () => {
  test('Succeed ends the execution with its effective input', async () => {
    const definition = { StartAt: 'Done', States: { Done: { Type: 'Succeed', OutputPath: '$.a' } } };
    expect((await runStateMachine(await startTestStepFunctions(), definition, { a: 1 })).output).toBe(1);
  });

  test('Fail takes Error and Cause from the definition, a path or an intrinsic function', async () => {
    const engine = await startTestStepFunctions();
    const fail = (fields: object): object => ({ StartAt: 'F', States: { F: { Type: 'Fail', ...fields } } });
    const plain = await runStateMachine(engine, fail({ Error: 'E', Cause: 'c' }), {}, 'plain');
    expect(plain.outcome).toMatchObject({ status: 'FAILED', error: 'E', cause: 'c' });
    const found = await runStateMachine(
      engine,
      fail({ ErrorPath: '$.e', CausePath: `States.Format('no {}', $.c)` }),
      { e: 'E2', c: 5 },
      'found',
    );
    expect(found.outcome).toMatchObject({ error: 'E2', cause: 'no 5' });
    expect(found.types).toEqual(['ExecutionStarted', 'FailStateEntered', 'ExecutionFailed']);
    const empty = await runStateMachine(engine, fail({}), {}, 'empty');
    expect(empty.outcome).toEqual({ status: 'FAILED', stopMs: expect.any(Number) as number });
  });
});

describe('Task', () => {
  test('lambda:invoke passes the payload and returns the whole response', async () => {
    const engine = await startTestStepFunctions({
      double: (payload) => ({ n: (payload as { n: number }).n * 2 }),
    });
    const { output, events, types } = await runStateMachine(engine, singleState(lambdaTask('double')), {
      n: 2,
    });
    expect(output).toEqual({
      ExecutedVersion: '$LATEST',
      Payload: { n: 4 },
      SdkHttpMetadata: expect.objectContaining({ HttpStatusCode: 200 }) as object,
      SdkResponseMetadata: { RequestId: 'request-1' },
      StatusCode: 200,
    });
    expect(types).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
    expect(events.map(({ id, previousEventId }) => [id, previousEventId])).toEqual([
      [1, 0],
      [2, 0],
      [3, 2],
      [4, 3],
      [5, 4],
      [6, 5],
      [7, 6],
    ]);
    expect(detailsOf(events[2])).toEqual({
      resourceType: 'lambda',
      resource: 'invoke',
      region: 'eu-west-1',
      parameters: JSON.stringify({ FunctionName: functionArn('double'), Payload: { n: 2 } }),
    });
  });

  test('ResultSelector and ResultPath shape the response', async () => {
    const engine = await startTestStepFunctions({ give: () => ({ n: 1 }) });
    const shaped = lambdaTask('give', { ResultSelector: { 'only.$': '$.Payload.n' }, ResultPath: '$.got' });
    expect((await runStateMachine(engine, singleState(shaped), { a: 1 })).output).toEqual({
      a: 1,
      got: { only: 1 },
    });
  });

  test('a function ARN passes the input and returns the output of the function', async () => {
    const engine = await startTestStepFunctions({ echo: (payload) => ({ echoed: payload }) });
    const { output, types } = await runStateMachine(
      engine,
      singleState({ Type: 'Task', Resource: functionArn('echo') }),
      {
        a: 1,
      },
    );
    expect(output).toEqual({ echoed: { a: 1 } });
    expect(types).toContain('LambdaFunctionScheduled');
    expect(types).toContain('LambdaFunctionSucceeded');
  });

  test('a result over 256 KiB is States.DataLimitExceeded, counted in UTF-8 bytes', async () => {
    const engine = await startTestStepFunctions({
      big: () => 'é'.repeat(131_072),
      fits: () => 'é'.repeat(131_071),
    });
    const big = await runStateMachine(
      engine,
      singleState({ Type: 'Task', Resource: functionArn('big') }),
      {},
      'big',
    );
    expect(big.outcome).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    const fits = await runStateMachine(
      engine,
      singleState({ Type: 'Task', Resource: functionArn('fits') }),
      {},
      'fits',
    );
    expect(fits.outcome.status).toBe('SUCCEEDED');
  });
});

describe('Parallel', () => {
  const branch = (state: object): object => ({ StartAt: Object.keys(state)[0], States: state });

  test('returns the outputs in the order of the branches', async () => {
    const engine = await startTestStepFunctions();
    const definition = singleState({
      Type: 'Parallel',
      Branches: [
        branch({
          Slow: { Type: 'Wait', Seconds: 5, Next: 'A' },
          A: { Type: 'Pass', Result: 'a', End: true },
        }),
        branch({ B: { Type: 'Pass', InputPath: '$.b', End: true } }),
      ],
    });
    expect((await runStateMachine(engine, definition, { b: 2 })).output).toEqual(['a', 2]);
  });

  test('a failed branch ends the others, and they start no further state', async () => {
    const calls: string[] = [];
    const engine = await startTestStepFunctions({ note: () => void calls.push('note') });
    const definition = singleState({
      Type: 'Parallel',
      Branches: [
        branch({
          Slow: { Type: 'Wait', Seconds: 60, Next: 'Note' },
          Note: { ...lambdaTask('note'), End: true },
        }),
        branch({
          Soon: { Type: 'Wait', Seconds: 1, Next: 'F' },
          F: { Type: 'Fail', Error: 'Broken', Cause: 'b' },
        }),
      ],
    });
    const { outcome, types } = await runStateMachine(engine, definition);
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'Broken', cause: 'b' });
    expect(types.slice(-4)).toEqual([
      'FailStateEntered',
      'WaitStateAborted',
      'ParallelStateFailed',
      'ExecutionFailed',
    ]);
    expect(calls).toEqual([]);
  });
});
