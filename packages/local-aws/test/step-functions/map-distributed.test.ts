import {
  closeTestStepFunctions,
  functionError,
  runStateMachine,
  startTestStepFunctions,
  type Lambda,
} from '../../src/testing/step-functions';
import { distributed, distributedWork, slowWork, range } from './map-definitions';

afterEach(closeTestStepFunctions);

describe('distributed Map', () => {
  const failing =
    (...bad: unknown[]): Lambda =>
    (payload) => {
      const items = (payload as { Items?: unknown[] }).Items ?? [payload];
      if (items.some((item) => bad.includes(item))) throw functionError('Broken');
      return payload;
    };

  test('the history of the parent excludes the children, but the counters include their transitions', async () => {
    const engine = await startTestStepFunctions({ work: failing() });
    const { types } = await runStateMachine(engine, distributed(), range(5));
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

  test('a child is a separate execution with its item as input', async () => {
    const inner = {
      Type: 'Pass',
      Parameters: { 'e.$': '$$.Execution.Input', 'id.$': '$$.Execution.Id', 'm.$': '$$.StateMachine.Id' },
      End: true,
    };
    const processor = { ...distributedWork, StartAt: 'Inner', States: { Inner: inner } };
    const { output } = await runStateMachine(
      await startTestStepFunctions(),
      distributed({ ItemProcessor: processor }),
      ['a'],
    );
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
    [{ ToleratedFailureCountPath: '$.countText' }, 1, 'SUCCEEDED'],
    [{ ToleratedFailurePercentagePath: '$.percentageText' }, 2, 'FAILED'],
  ])('%j with %d of 10 failed: %s', async (tolerance, failedCount, status) => {
    const engine = await startTestStepFunctions({ work: failing(...range(failedCount)) });
    const input = { items: range(10), c: 1, p: 90, countText: '1', percentageText: '19.5' };
    const { outcome, output } = await runStateMachine(
      engine,
      distributed({ ItemsPath: '$.items', ...tolerance }),
      input,
    );
    expect(outcome.status).toBe(status);
    if (status === 'SUCCEEDED') expect(output).toEqual(range(10).slice(failedCount));
    else
      expect(outcome).toMatchObject({
        error: 'States.ExceedToleratedFailureThreshold',
        cause: 'The specified tolerated failure threshold was exceeded',
      });
  });

  test('all items of a failed batch count as failed', async () => {
    const engine = await startTestStepFunctions({ work: failing(0) });
    const batched = { ItemBatcher: { MaxItemsPerBatch: 4 }, ToleratedFailureCount: 3 };
    expect((await runStateMachine(engine, distributed(batched), range(10))).outcome.error).toBe(
      'States.ExceedToleratedFailureThreshold',
    );
  });

  test('batches contain items and the BatchInput', async () => {
    const engine = await startTestStepFunctions({ work: failing() });
    const batcher = { MaxItemsPerBatchPath: '$.size', BatchInput: { 'run.$': '$.run' } };
    const { output } = await runStateMachine(
      engine,
      distributed({ ItemsPath: '$.items', ItemBatcher: batcher }),
      {
        size: 2,
        run: 'r',
        items: range(3),
      },
    );
    const BatchInput = { run: 'r' };
    expect(output).toEqual([
      { BatchInput, Items: [0, 1] },
      { BatchInput, Items: [2] },
    ]);
  });

  test('batches stay below MaxInputBytesPerBatch', async () => {
    const engine = await startTestStepFunctions({ work: failing() });
    const { output } = await runStateMachine(
      engine,
      distributed({ ItemBatcher: { MaxInputBytesPerBatch: 40 } }),
      range(9).map((n) => `item ${n}`),
    );
    const sizes = (output as object[]).map((batch) => JSON.stringify(batch).length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(40);
    expect((output as { Items: unknown[] }[]).flatMap(({ Items }) => Items)).toHaveLength(9);
  });

  test('starts at most 100 children in any second', async () => {
    const { work: lambda, calls } = slowWork(0);
    const startsMs: number[] = [];
    const engine = await startTestStepFunctions({ work: lambda });
    const inner = { Type: 'Pass', Parameters: { 't.$': '$$.Execution.StartTime' }, End: true };
    const processor = { ...distributedWork, StartAt: 'Inner', States: { Inner: inner } };
    const { output } = await runStateMachine(engine, distributed({ ItemProcessor: processor }), range(350));
    for (const { t } of output as { t: string }[]) startsMs.push(Date.parse(t));
    const sorted = startsMs.sort((left, right) => left - right);
    const gaps = sorted.slice(100).map((startMs, index) => startMs - (sorted[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1000);
    expect((sorted.at(-1) ?? 0) - (sorted[0] ?? 0)).toBe(3000);
    expect(calls).toEqual([]);
  });

  test('a result over the limit is States.DataLimitExceeded, unless ResultPath discards it', async () => {
    const engine = await startTestStepFunctions({ work: () => 'x'.repeat(200_000) });
    expect((await runStateMachine(engine, distributed(), [1, 2], 'kept')).outcome.error).toBe(
      'States.DataLimitExceeded',
    );
    expect(
      (await runStateMachine(engine, distributed({ ResultPath: null }), [1, 2], 'discarded')).output,
    ).toEqual([1, 2]);
  });
});
