import { closeAll, detailsOf, functionArn, functionError, run, single, start, type Lambda } from './harness';

afterEach(closeAll);

const work = {
  StartAt: 'Work',
  States: { Work: { Type: 'Task', Resource: functionArn('work'), End: true } },
};
const distributedWork = { ...work, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } };
const inline = (fields: object = {}): object => single({ Type: 'Map', ItemProcessor: work, ...fields });
const distributed = (fields: object = {}): object =>
  single({ Type: 'Map', ItemProcessor: distributedWork, Label: 'Each', ...fields });
const upTo = (count: number): number[] => Array.from({ length: count }, (_item, index) => index);

/** A function that lasts, and tells how many of it ran at once. */
function lasting(engineClockMs = 10): { work: Lambda; most: () => number; calls: unknown[] } {
  const calls: unknown[] = [];
  let now = 0;
  let most = 0;
  return {
    calls,
    most: () => most,
    work: async (payload) => {
      calls.push(payload);
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, engineClockMs));
      now -= 1;
      return payload;
    },
  };
}

describe.each([
  ['inline', inline],
  ['distributed', distributed],
])('any Map: %s', (_kind, map) => {
  test('ItemSelector sees the item, the input and the context; outputs keep the order', async () => {
    const engine = await start({
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
    const { output } = await run(engine, definition, { shared: 7, items: [{ name: 'a' }, { name: 'b' }] });
    const common = { from: 'STATE_DATA', shared: 7, state: 'Only', input: 7 };
    expect(output).toEqual([
      { at: 0, name: 'a', ...common },
      { at: 1, name: 'b', ...common },
    ]);
  });

  test.each([
    [{ MaxConcurrency: 2 }, 2],
    [{ MaxConcurrencyPath: '$.most' }, 3],
  ])('%j bounds what runs at once', async (bound, expected) => {
    const { work: lambda, most } = lasting();
    const engine = await start({ work: lambda });
    await run(engine, map({ ItemsPath: '$.items', ...bound }), { most: 3, items: upTo(9) });
    expect(most()).toBe(expected);
  });

  test('after a failure nothing further starts', async () => {
    const calls: unknown[] = [];
    const engine = await start({
      work: async (payload) => {
        calls.push(payload);
        if (payload === 1) throw functionError('Broken');
        await new Promise((resolve) => setTimeout(resolve, 5));
      },
    });
    const { outcome } = await run(engine, map({ MaxConcurrency: 2 }), upTo(50));
    expect(outcome.status).toBe('FAILED');
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(calls.length).toBeLessThanOrEqual(3);
  });

  test('no items, no work', async () => {
    expect((await run(await start(), map(), [])).output).toEqual([]);
  });

  test.each([[{ a: 1 }], ['text'], [null]])('%j is no list of items', async (input) => {
    const { outcome } = await run(await start(), map(), input);
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(outcome.cause).toContain('Map state input must be an array');
  });

  test('a concurrency that is no integer is States.Runtime', async () => {
    const { outcome } = await run(await start(), map({ ItemsPath: '$.i', MaxConcurrencyPath: '$.c' }), {
      i: [1],
      c: 'x',
    });
    expect(outcome).toMatchObject({ error: 'States.Runtime' });
    expect(outcome.cause).toContain(
      'The MaxConcurrencyPath field refers to value "x" which is not a valid integer',
    );
  });

  test('Retry on the Map runs all items again; Catch takes what is left', async () => {
    const calls: unknown[] = [];
    const engine = await start({
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
    const { output } = await run(engine, definition, upTo(3));
    expect(output).toMatchObject({ Error: expect.any(String) as string });
    expect(calls).toEqual([0, 1, 2, 0, 1, 2]);
  });
});

describe('inline Map', () => {
  test('runs at most 40 iterations at once', async () => {
    const { work: lambda, most } = lasting();
    await run(await start({ work: lambda }), inline({ MaxConcurrency: 1000 }), upTo(100));
    expect(most()).toBe(40);
  });

  test('inner states see their own name and the whole execution’s input', async () => {
    const inner = {
      Type: 'Pass',
      Parameters: { 's.$': '$$.State.Name', 'e.$': '$$.Execution.Input', 'own.$': '$' },
      End: true,
    };
    const definition = single({ Type: 'Map', ItemProcessor: { StartAt: 'Inner', States: { Inner: inner } } });
    expect((await run(await start(), definition, ['a'])).output).toEqual([
      { s: 'Inner', e: ['a'], own: 'a' },
    ]);
  });

  test('writes its iterations into the history of the execution', async () => {
    const engine = await start({ work: (payload) => payload });
    const { types, events } = await run(engine, inline({ MaxConcurrency: 1 }), [5]);
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

  test('after a failure the history holds no iteration that began later', async () => {
    const engine = await start({
      work: () => {
        throw functionError('Broken');
      },
    });
    const { types } = await run(engine, inline({ MaxConcurrency: 1 }), [0, 1, 2]);
    expect(types.filter((type) => type === 'MapIterationStarted')).toHaveLength(1);
  });

  test('a failed iteration fails the state with its own error and ends the others', async () => {
    const engine = await start({
      work: (payload) => {
        if (payload === 0) throw functionError('Broken');
        return new Promise(() => undefined);
      },
    });
    const { outcome, types } = await run(engine, inline(), [0, 1]);
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'Broken' });
    expect(types.slice(-5)).toEqual([
      'MapIterationFailed',
      'TaskStateAborted',
      'MapIterationAborted',
      'MapStateFailed',
      'ExecutionFailed',
    ]);
  });
});

describe('distributed Map', () => {
  const failing =
    (...bad: unknown[]): Lambda =>
    (payload) => {
      const items = (payload as { Items?: unknown[] }).Items ?? [payload];
      if (items.some((item) => bad.includes(item))) throw functionError('Broken');
      return payload;
    };

  test('keeps the children out of the history of the parent, but counts their transitions', async () => {
    const engine = await start({ work: failing() });
    const { types } = await run(engine, distributed(), upTo(5));
    expect(types).toEqual([
      'ExecutionStarted',
      'MapStateEntered',
      'MapStateStarted',
      'MapRunStarted',
      'MapRunSucceeded',
      'MapStateSucceeded',
      'MapStateExited',
      'ExecutionSucceeded',
    ]);
    expect(engine.counters()).toEqual({ stateTransitions: 6, executions: 6, mapRuns: 1 });
  });

  test('a child is an execution of its own, with its item as input', async () => {
    const inner = {
      Type: 'Pass',
      Parameters: { 'e.$': '$$.Execution.Input', 'id.$': '$$.Execution.Id', 'm.$': '$$.StateMachine.Id' },
      End: true,
    };
    const processor = { ...distributedWork, StartAt: 'Inner', States: { Inner: inner } };
    const { output } = await run(await start(), distributed({ ItemProcessor: processor }), ['a']);
    expect(output).toEqual([
      {
        e: 'a',
        id: expect.stringMatching(
          /^arn:aws:states:eu-west-1:111122223333:execution:machine\/Each:[0-9a-f-]{36}$/,
        ) as string,
        m: 'arn:aws:states:eu-west-1:111122223333:stateMachine:machine/Each',
      },
    ]);
  });

  test.each([
    [{}, 1, 'FAILED'],
    [{ ToleratedFailureCount: 2 }, 2, 'SUCCEEDED'],
    [{ ToleratedFailureCount: 2 }, 3, 'FAILED'],
    [{ ToleratedFailurePercentage: 20 }, 2, 'SUCCEEDED'],
    [{ ToleratedFailurePercentage: 20 }, 3, 'FAILED'],
    [{ ToleratedFailureCountPath: '$.c', ToleratedFailurePercentagePath: '$.p' }, 1, 'SUCCEEDED'],
    [{ ToleratedFailureCountPath: '$.c', ToleratedFailurePercentagePath: '$.p' }, 2, 'FAILED'],
  ])('%j with %d of 10 failed: %s', async (tolerance, bad, status) => {
    const engine = await start({ work: failing(...upTo(bad)) });
    const input = { items: upTo(10), c: 1, p: 90 };
    const { outcome, output } = await run(engine, distributed({ ItemsPath: '$.items', ...tolerance }), input);
    expect(outcome.status).toBe(status);
    if (status === 'SUCCEEDED') expect(output).toEqual(upTo(10).slice(bad));
    else
      expect(outcome).toMatchObject({
        error: 'States.ExceedToleratedFailureThreshold',
        cause: 'The specified tolerated failure threshold was exceeded',
      });
  });

  test('a batch that fails counts all its items', async () => {
    const engine = await start({ work: failing(0) });
    const batched = { ItemBatcher: { MaxItemsPerBatch: 4 }, ToleratedFailureCount: 3 };
    expect((await run(engine, distributed(batched), upTo(10))).outcome.error).toBe(
      'States.ExceedToleratedFailureThreshold',
    );
  });

  test('batches hold items and the common input', async () => {
    const engine = await start({ work: failing() });
    const batcher = { MaxItemsPerBatchPath: '$.size', BatchInput: { 'run.$': '$.run' } };
    const { output } = await run(engine, distributed({ ItemsPath: '$.items', ItemBatcher: batcher }), {
      size: 2,
      run: 'r',
      items: upTo(3),
    });
    const BatchInput = { run: 'r' };
    expect(output).toEqual([
      { BatchInput, Items: [0, 1] },
      { BatchInput, Items: [2] },
    ]);
  });

  test('batches keep under their size in bytes', async () => {
    const engine = await start({ work: failing() });
    const { output } = await run(
      engine,
      distributed({ ItemBatcher: { MaxInputBytesPerBatch: 40 } }),
      upTo(9).map((n) => `item ${n}`),
    );
    const sizes = (output as object[]).map((batch) => JSON.stringify(batch).length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(40);
    expect((output as { Items: unknown[] }[]).flatMap(({ Items }) => Items)).toHaveLength(9);
  });

  test('starts at most 100 children in any second', async () => {
    const { work: lambda, calls } = lasting(0);
    const startsMs: number[] = [];
    const engine = await start({ work: lambda });
    const inner = { Type: 'Pass', Parameters: { 't.$': '$$.Execution.StartTime' }, End: true };
    const processor = { ...distributedWork, StartAt: 'Inner', States: { Inner: inner } };
    const { output } = await run(engine, distributed({ ItemProcessor: processor }), upTo(350));
    for (const { t } of output as { t: string }[]) startsMs.push(Date.parse(t));
    const sorted = startsMs.sort((left, right) => left - right);
    const gaps = sorted.slice(100).map((startMs, index) => startMs - (sorted[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1000);
    expect((sorted.at(-1) ?? 0) - (sorted[0] ?? 0)).toBe(3000);
    expect(calls).toEqual([]);
  });

  test('too large a result is States.DataLimitExceeded, unless it is discarded', async () => {
    const engine = await start({ work: () => 'x'.repeat(200_000) });
    expect((await run(engine, distributed(), [1, 2], 'kept')).outcome.error).toBe('States.DataLimitExceeded');
    expect((await run(engine, distributed({ ResultPath: null }), [1, 2], 'discarded')).output).toEqual([
      1, 2,
    ]);
  });
});
