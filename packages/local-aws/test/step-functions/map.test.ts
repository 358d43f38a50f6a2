import {
  closeTestStepFunctions,
  detailsOf,
  functionError,
  runStateMachine,
  singleState,
  startTestStepFunctions,
} from '../../src/testing/step-functions';
import { distributed, inline, slowWork, range } from './map-definitions';

afterEach(closeTestStepFunctions);

describe.each([
  ['inline', inline],
  ['distributed', distributed],
])('%s Map', (_kind, map) => {
  test('ItemSelector can refer to the item, the input and the context; outputs keep the order', async () => {
    const engine = await startTestStepFunctions({
      work: async (payload) => {
        await new Promise((resolve) => setTimeout(resolve, 20 - 10 * (payload as { at: number }).at));
        return payload;
      },
    });
    const definition = map({
      ItemsPath: '$.items',
      ItemSelector: {
        'at.$': '$$.Map.Item.Index',
        'name.$': '$$.Map.Item.Value.name',
        'from.$': '$$.Map.Item.Source',
        'shared.$': '$.shared',
        'state.$': '$$.State.Name',
        'input.$': '$$.Execution.Input.shared',
      },
    });
    const { output } = await runStateMachine(engine, definition, {
      shared: 7,
      items: [{ name: 'a' }, { name: 'b' }],
    });
    const common = { from: 'STATE_DATA', shared: 7, state: 'Only', input: 7 };
    expect(output).toEqual([
      { at: 0, name: 'a', ...common },
      { at: 1, name: 'b', ...common },
    ]);
  });

  test.each([
    [{ MaxConcurrency: 2 }, 2],
    [{ MaxConcurrencyPath: '$.most' }, 3],
    [{ MaxConcurrencyPath: '$.text' }, 2],
  ])('%j limits the concurrency', async (bound, expected) => {
    const { work: lambda, maxConcurrent } = slowWork();
    const engine = await startTestStepFunctions({ work: lambda });
    await runStateMachine(engine, map({ ItemsPath: '$.items', ...bound }), {
      most: 3,
      text: '2',
      items: range(9),
    });
    expect(maxConcurrent()).toBe(expected);
  });

  test('no further item starts after a failure', async () => {
    const calls: unknown[] = [];
    const engine = await startTestStepFunctions({
      work: async (payload) => {
        calls.push(payload);
        if (payload === 1) throw functionError('Broken');
        await new Promise((resolve) => setTimeout(resolve, 5));
      },
    });
    const { outcome } = await runStateMachine(engine, map({ MaxConcurrency: 2 }), range(50));
    expect(outcome.status).toBe('FAILED');
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(calls.length).toBeLessThanOrEqual(3);
  });

  test('an empty list of items gives an empty output', async () => {
    expect((await runStateMachine(await startTestStepFunctions(), map(), [])).output).toEqual([]);
  });

  test.each([[{ a: 1 }], ['text'], [null]])('the input %j is refused', async (input) => {
    const { outcome } = await runStateMachine(await startTestStepFunctions(), map(), input);
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(outcome.cause).toContain('Map state input must be an array');
  });

  test('a concurrency that is not an integer is States.Runtime', async () => {
    const { outcome } = await runStateMachine(
      await startTestStepFunctions(),
      map({ ItemsPath: '$.i', MaxConcurrencyPath: '$.c' }),
      {
        i: [1],
        c: 'x',
      },
    );
    expect(outcome).toMatchObject({ error: 'States.Runtime' });
    expect(outcome.cause).toContain(
      'The MaxConcurrencyPath field refers to value "x" which is not a valid integer',
    );
  });

  test('Retry runs all items again; Catch handles the final failure', async () => {
    const calls: unknown[] = [];
    const engine = await startTestStepFunctions({
      work: (payload) => {
        calls.push(payload);
        if (payload === 2) throw functionError('Broken');
      },
    });
    const definition = {
      StartAt: 'Each',
      States: {
        Each: {
          ...(map() as { States: { Only: object } }).States.Only,
          Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }],
          Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$', Next: 'Caught' }],
        },
        Caught: { Type: 'Pass', End: true },
      },
    };
    const { output } = await runStateMachine(engine, definition, range(3));
    expect(output).toMatchObject({ Error: expect.any(String) as string });
    expect(calls).toEqual([0, 1, 2, 0, 1, 2]);
  });
});

describe('inline Map', () => {
  test('runs at most 40 iterations at once', async () => {
    const { work: lambda, maxConcurrent } = slowWork();
    await runStateMachine(
      await startTestStepFunctions({ work: lambda }),
      inline({ MaxConcurrency: 1000 }),
      range(100),
    );
    expect(maxConcurrent()).toBe(40);
  });

  test('inner states see their own name and the input of the execution', async () => {
    const inner = {
      Type: 'Pass',
      Parameters: { 's.$': '$$.State.Name', 'e.$': '$$.Execution.Input', 'own.$': '$' },
      End: true,
    };
    const definition = singleState({
      Type: 'Map',
      ItemProcessor: { StartAt: 'Inner', States: { Inner: inner } },
    });
    expect((await runStateMachine(await startTestStepFunctions(), definition, ['a'])).output).toEqual([
      { s: 'Inner', e: ['a'], own: 'a' },
    ]);
  });

  test('records its iterations in the history of the execution', async () => {
    const engine = await startTestStepFunctions({ work: (payload) => payload });
    const { types, events } = await runStateMachine(engine, inline({ MaxConcurrency: 1 }), [5]);
    expect(types).toEqual([
      'ExecutionStarted',
      'MapStateEntered',
      'MapStateStarted',
      'MapIterationStarted',
      'TaskStateEntered',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionSucceeded',
      'TaskStateExited',
      'MapIterationSucceeded',
      'MapStateSucceeded',
      'MapStateExited',
      'ExecutionSucceeded',
    ]);
    expect(detailsOf(events[2])).toEqual({ length: 1 });
    expect(detailsOf(events[3])).toEqual({ name: 'Only', index: 0 });
  });

  test('the history contains no iteration after a failure', async () => {
    const engine = await startTestStepFunctions({
      work: () => {
        throw functionError('Broken');
      },
    });
    const { types } = await runStateMachine(engine, inline({ MaxConcurrency: 1 }), [0, 1, 2]);
    expect(types.filter((type) => type === 'MapIterationStarted')).toHaveLength(1);
  });

  test('a failed iteration fails the state with its own error and ends the others', async () => {
    const engine = await startTestStepFunctions({
      work: (payload) => {
        if (payload === 0) throw functionError('Broken');
        return new Promise(() => undefined);
      },
    });
    const { outcome, types } = await runStateMachine(engine, inline(), [0, 1]);
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'Broken' });
    expect(types.slice(-6)).toEqual([
      'MapIterationFailed',
      'TaskStateAborted',
      'MapIterationAborted',
      'TaskStateAborted',
      'MapStateFailed',
      'ExecutionFailed',
    ]);
  });
});
