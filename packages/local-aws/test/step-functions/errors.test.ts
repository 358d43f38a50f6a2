import {
  closeTestStepFunctions,
  detailsOf,
  functionArn,
  functionError,
  lambdaTask,
  runStateMachine,
  singleState,
  startTestStepFunctions,
  type Lambda,
} from '../../src/testing/step-functions';

afterEach(closeTestStepFunctions);

const throwing =
  (...names: string[]): Lambda =>
  () => {
    const name = names.shift();
    if (name !== undefined) throw functionError(name);
    return 'done';
  };

const task = (rest: object = {}): object => ({ Type: 'Task', Resource: functionArn('f'), ...rest });
const caught = (state: object): object => ({
  StartAt: 'Try',
  States: { Try: { ...state, End: true }, Caught: { Type: 'Pass', End: true } },
});

/** Returns the milliseconds between attempts. */
function pausesMs(events: readonly { type: string; timestamp: number }[]): number[] {
  const starts = events
    .filter(({ type }) => type === 'LambdaFunctionScheduled')
    .map(({ timestamp }) => timestamp * 1000);
  return starts.slice(1).map((startMs, index) => Math.round(startMs - (starts[index] ?? 0)));
}

describe('Retry', () => {
  test('backs off up to MaxDelaySeconds, and counts a transition for each attempt', async () => {
    const engine = await startTestStepFunctions({ f: throwing('A', 'A', 'A', 'A') });
    const retry = {
      ErrorEquals: ['A'],
      IntervalSeconds: 2,
      BackoffRate: 3,
      MaxAttempts: 4,
      MaxDelaySeconds: 30,
    };
    const { output, events, types } = await runStateMachine(engine, singleState(task({ Retry: [retry] })));
    expect(output).toBe('done');
    expect(pausesMs(events)).toEqual([2000, 6000, 18000, 30000]);
    expect(engine.counters()).toEqual({ stateTransitions: 5, executions: 1, mapRuns: 0 });
    expect(types.filter((type) => type === 'TaskStateEntered')).toHaveLength(1);
  });

  test('retries three times by default, after 1, 2 and 4 seconds', async () => {
    const engine = await startTestStepFunctions({ f: throwing('A', 'A', 'A', 'A', 'A') });
    const { outcome, events } = await runStateMachine(
      engine,
      singleState(task({ Retry: [{ ErrorEquals: ['A'] }] })),
    );
    expect(pausesMs(events)).toEqual([1000, 2000, 4000]);
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'A' });
    expect(JSON.parse(outcome.cause ?? '')).toEqual({ errorType: 'A', errorMessage: 'it failed', trace: [] });
  });

  test('each retrier keeps its own count across other errors', async () => {
    const engine = await startTestStepFunctions({ f: throwing('A', 'B', 'A', 'B', 'A') });
    const retry = [
      { ErrorEquals: ['A'], MaxAttempts: 2 },
      { ErrorEquals: ['B'], MaxAttempts: 5 },
    ];
    const { outcome, events } = await runStateMachine(engine, singleState(task({ Retry: retry })));
    expect(pausesMs(events)).toEqual([1000, 1000, 2000, 2000]);
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'A' });
  });

  test('MaxAttempts 0 takes precedence over later retriers', async () => {
    const engine = await startTestStepFunctions({ f: throwing('A') });
    const retry = [{ ErrorEquals: ['A'], MaxAttempts: 0 }, { ErrorEquals: ['States.ALL'] }];
    expect((await runStateMachine(engine, singleState(task({ Retry: retry })))).outcome.error).toBe('A');
  });

  test('FULL jitter scales the delay by the random number', async () => {
    const engine = await startTestStepFunctions({ f: throwing('A', 'A') }, { random: () => 0.25 });
    const retry = [{ ErrorEquals: ['A'], IntervalSeconds: 4, JitterStrategy: 'FULL' }];
    expect(pausesMs((await runStateMachine(engine, singleState(task({ Retry: retry })))).events)).toEqual([
      1000, 2000,
    ]);
  });

  test('the context object and the host receive the retry count', async () => {
    const seen: unknown[] = [];
    const engine = await startTestStepFunctions({
      f: (payload, { caller }) => {
        seen.push([payload, caller.retryCount, caller.stateName]);
        if (seen.length < 3) throw functionError('A');
      },
    });
    await runStateMachine(
      engine,
      singleState(task({ Parameters: { 'n.$': '$$.State.RetryCount' }, Retry: [{ ErrorEquals: ['A'] }] })),
    );
    expect(seen).toEqual([
      [{ n: 0 }, 0, 'Only'],
      [{ n: 1 }, 1, 'Only'],
      [{ n: 2 }, 2, 'Only'],
    ]);
  });
});

describe('Catch', () => {
  test('continues with Error and Cause added to the raw input', async () => {
    const engine = await startTestStepFunctions({ f: throwing('A') });
    const state = task({
      InputPath: '$.in',
      Catch: [{ ErrorEquals: ['A'], ResultPath: '$.failure', Next: 'Caught' }],
    });
    const { output, types } = await runStateMachine(engine, caught(state), { in: {}, kept: 1 });
    const Cause = JSON.stringify({ errorType: 'A', errorMessage: 'it failed', trace: [] });
    expect(output).toEqual({ in: {}, kept: 1, failure: { Error: 'A', Cause } });
    expect(types.slice(4, 7)).toEqual(['LambdaFunctionFailed', 'TaskStateExited', 'PassStateEntered']);
  });

  test('uses the first matching catcher once the retries are exhausted', async () => {
    const engine = await startTestStepFunctions({ f: throwing('A', 'A') });
    const state = task({
      Retry: [{ ErrorEquals: ['A'], MaxAttempts: 1 }],
      Catch: [
        { ErrorEquals: ['B'], Next: 'Other' },
        { ErrorEquals: ['States.ALL'], Next: 'Caught' },
      ],
    });
    const definition = caught(state) as { States: Record<string, object> };
    definition.States['Other'] = { Type: 'Fail' };
    expect((await runStateMachine(engine, definition)).output).toMatchObject({ Error: 'A' });
  });
});

describe('reserved error names', () => {
  const big = (): string => 'x'.repeat(262_145);
  const never = (): Promise<never> => new Promise(() => undefined);
  const cases: [string, Lambda, object, string, boolean][] = [
    ['States.ALL', throwing('A'), {}, 'A', true],
    ['States.ALL', never, { TimeoutSeconds: 5 }, 'States.Timeout', true],
    ['States.ALL', big, {}, 'States.DataLimitExceeded', true],
    ['States.DataLimitExceeded', big, {}, 'States.DataLimitExceeded', true],
    ['States.ALL', throwing(), { ResultPath: '$.a[9]' }, 'States.Runtime', false],
    ['States.Runtime', throwing(), { ResultPath: '$.a[9]' }, 'States.Runtime', false],
    ['States.TaskFailed', throwing('A'), {}, 'A', true],
    ['States.TaskFailed', never, { TimeoutSeconds: 5 }, 'States.Timeout', false],
    ['States.Timeout', never, { TimeoutSeconds: 5 }, 'States.Timeout', true],
    ['States.HeartbeatTimeout', never, { TimeoutSeconds: 5 }, 'States.Timeout', false],
    ['States.HeartbeatTimeout', never, { HeartbeatSeconds: 5 }, 'States.Timeout', true],
    ['States.Timeout', never, { HeartbeatSeconds: 5 }, 'States.Timeout', true],
    ['A', throwing('AB'), {}, 'AB', false],
  ];
  test.each(cases)(
    '%s with the function %p and %j (%s) matches: %p',
    async (name, f, fields, error, isCaught) => {
      const engine = await startTestStepFunctions({ f });
      const state = task({ ...fields, Catch: [{ ErrorEquals: [name], Next: 'Caught' }] });
      const { outcome, output } = await runStateMachine(engine, caught(state), { a: [] });
      if (isCaught) expect(output).toMatchObject({ Error: error });
      else expect(outcome).toMatchObject({ status: 'FAILED', error });
    },
  );
});

describe('States.ALL and States.DataLimitExceeded', () => {
  const retry = { Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }] };
  const handled = { ...retry, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }] };

  test.each([
    ['recorded', 2, { status: 'SUCCEEDED' }],
    ['documented', 1, { status: 'FAILED', error: 'States.DataLimitExceeded' }],
  ] as const)('as %s, the task runs %i time(s)', async (statesAll, attempts, expected) => {
    let calls = 0;
    const big = (): string => `${(calls += 1)}${'x'.repeat(262_145)}`;
    const engine = await startTestStepFunctions({ f: big }, { statesAll });
    const { outcome } = await runStateMachine(engine, caught(task(handled)));
    expect(outcome).toMatchObject(expected);
    expect(calls).toBe(attempts);
  });
});

describe('timeouts', () => {
  test('a task that times out is abandoned, not killed', async () => {
    const signals: AbortSignal[] = [];
    let finish: (value: string) => void = () => undefined;
    const engine = await startTestStepFunctions({
      slow: (_payload, { signal }) => {
        signals.push(signal);
        return new Promise((resolve) => {
          finish = resolve;
        });
      },
    });
    const { outcome, types, events } = await runStateMachine(
      engine,
      singleState(lambdaTask('slow', { TimeoutSecondsPath: '$.seconds' })),
      { seconds: 7 },
    );
    expect(outcome).toEqual({
      status: 'FAILED',
      error: 'States.Timeout',
      stopMs: expect.any(Number) as number,
    });
    expect(types.slice(2)).toEqual(['TaskScheduled', 'TaskStarted', 'TaskTimedOut', 'ExecutionFailed']);
    expect(detailsOf(events[2])).toMatchObject({ timeoutInSeconds: 7 });
    expect((events[4]?.timestamp ?? 0) - (events[3]?.timestamp ?? 0)).toBe(7);
    expect(signals[0]?.aborted).toBe(true);
    finish('too late');
  });

  test('TimeoutSeconds of the state machine ends the execution as TIMED_OUT', async () => {
    const engine = await startTestStepFunctions();
    const { outcome, types } = await runStateMachine(engine, {
      ...singleState({ Type: 'Wait', Seconds: 60 }),
      TimeoutSeconds: 10,
    });
    expect(outcome.status).toBe('TIMED_OUT');
    expect(types).toEqual(['ExecutionStarted', 'WaitStateEntered', 'ExecutionTimedOut']);
  });
});

describe('limits of data and history', () => {
  test('a state output over 256 KiB fails', async () => {
    const definition = {
      StartAt: 'Double',
      States: { Double: { Type: 'Pass', Parameters: { 'a.$': '$.x', 'b.$': '$.x' }, End: true } },
    };
    const { outcome } = await runStateMachine(await startTestStepFunctions(), definition, {
      x: 'x'.repeat(140_000),
    });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });

  test('an execution fails at 25,000 events, with the cause', async () => {
    const loop = {
      StartAt: 'Again',
      States: { Again: { Type: 'Pass', Next: 'Back' }, Back: { Type: 'Pass', Next: 'Again' } },
    };
    const engine = await startTestStepFunctions();
    const { stateMachineArn } = engine.createStateMachine({ name: 'loop', definition: loop });
    const { executionArn } = engine.startExecution({ stateMachineArn });
    const outcome = await engine.settled(executionArn);
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(outcome.cause).toContain('maximum number of history events');
    expect(engine.inspect(executionArn).events).toHaveLength(25_000);
  });

  test('an execution that needs exactly 25,000 events succeeds', async () => {
    // One event at the start and one at the end, two for each state: 24,998 / 2 = 12,499 states.
    const names = Array.from({ length: 12_499 }, (_item, index) => `S${index}`);
    const states = names.map((name, index) => [
      name,
      { Type: 'Pass', ...(names[index + 1] ? { Next: names[index + 1] } : { End: true }) },
    ]);
    const engine = await startTestStepFunctions();
    const definition = { StartAt: 'S0', States: Object.fromEntries(states) as object };
    const { stateMachineArn } = engine.createStateMachine({ name: 'long', definition });
    const { executionArn } = engine.startExecution({ stateMachineArn });
    expect((await engine.settled(executionArn)).status).toBe('SUCCEEDED');
    expect(engine.inspect(executionArn).events).toHaveLength(25_000);
  });
});

test('States.ALL on a Parallel catches the failure of a branch', async () => {
  const engine = await startTestStepFunctions({ f: throwing('A') });
  const branches = [{ StartAt: 'B', States: { B: { ...task(), End: true } } }];
  const state = {
    Type: 'Parallel',
    Branches: branches,
    Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }],
  };
  const { output, types } = await runStateMachine(engine, caught(state));
  expect(output).toMatchObject({ Error: 'A' });
  expect(types).toContain('ParallelStateFailed');
});
