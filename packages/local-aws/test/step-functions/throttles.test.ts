import { DescribeExecutionCommand, ListMapRunsCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Clock } from '../../src/step-functions';
import { Throttles } from '../../src/step-functions/service/throttles';
import { runStateMachine, singleState, startTestStepFunctions } from '../../src/testing/step-functions';
import { distributed, range } from './map-definitions';
import { closeServed, serve } from './served-engine';

afterEach(closeServed);

// Source of the figures: "Quotas related to API action throttling" on the service quotas page.
const manualClock = (): { clock: Clock; advanceMs: (ms: number) => void } => {
  let nowMs = 1_000_000;
  return {
    clock: { nowMs: () => nowMs, wait: () => Promise.resolve() },
    advanceMs: (ms) => (nowMs += ms),
  };
};

/** Returns the number of calls before the first one is throttled. */
function burst(throttles: Throttles, operation: string, most = 5000): number {
  for (let count = 0; count < most; count++) {
    try {
      throttles.takeToken(operation);
    } catch {
      return count;
    }
  }
  return most;
}

test.each([
  ['StartExecution', 'us-east-1', 1300, 300],
  ['StartExecution', 'eu-central-1', 800, 150],
  ['StopExecution', 'eu-west-1', 1000, 200],
  ['StopExecution', 'eu-central-1', 500, 25],
  ['DescribeExecution', 'us-west-2', 300, 15],
  ['DescribeExecution', 'eu-central-1', 250, 10],
  ['ListExecutions', 'eu-west-1', 200, 5],
  ['ListExecutions', 'eu-central-1', 100, 2],
  ['GetExecutionHistory', 'eu-central-1', 400, 20],
  ['RedriveExecution', 'eu-west-1', 1300, 300],
  ['SendTaskSuccess', 'eu-west-1', 3000, 500],
  ['DescribeMapRun', 'eu-west-1', 200, 1],
  ['UpdateMapRun', 'eu-west-1', 100, 1],
])('%s in %s allows a burst of %d, then %d per second', (operation, region, size, perSecond) => {
  const { clock, advanceMs } = manualClock();
  const throttles = new Throttles(region, clock);
  expect(burst(throttles, operation)).toBe(size);
  advanceMs(1000);
  expect(burst(throttles, operation)).toBe(perSecond);
  advanceMs(3_600_000);
  expect(burst(throttles, operation)).toBe(size);
});

test('each operation has its own bucket; one without a documented quota has none', () => {
  const throttles = new Throttles('eu-west-1', manualClock().clock);
  expect(burst(throttles, 'DescribeMapRun')).toBe(200);
  expect(burst(throttles, 'ListMapRuns')).toBe(100);
  expect(burst(throttles, 'SomethingElse')).toBe(5000);
});

test('a throttled client receives ThrottlingException; other operations are not affected', async () => {
  const { client, stateMachineArn } = await serve(singleState({ Type: 'Pass' }));
  const { executionArn = '' } = await client.send(new StartExecutionCommand({ stateMachineArn }));
  const list = (): Promise<unknown> => client.send(new ListMapRunsCommand({ executionArn }));
  const names: string[] = [];
  for (let calls = 0; calls < 110; calls++) await list().catch((error: Error) => names.push(error.name));
  expect(new Set(names)).toEqual(new Set(['ThrottlingException']));
  expect(await client.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({ executionArn });
});

describe('StartExecution is throttled', () => {
  /** Starts an engine in eu-west-1 whose StartExecution bucket has `left` tokens. The virtual clock refills it only during waits. */
  async function withTokens(left: number): Promise<Awaited<ReturnType<typeof startTestStepFunctions>>> {
    const engine = await startTestStepFunctions({ work: (item) => item });
    const { stateMachineArn } = engine.createStateMachine({
      name: 'child',
      definition: singleState({ Type: 'Pass' }),
    });
    for (let starts = left; starts < 1300; starts++) engine.startExecution({ stateMachineArn });
    return engine;
  }
  const starting = (rest: object = {}): object =>
    singleState({
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution',
      Parameters: { StateMachineArn: 'arn:aws:states:eu-west-1:111122223333:stateMachine:child' },
      ...rest,
    });

  test('for starts in process', async () => {
    const engine = await withTokens(1);
    const { stateMachineArn } = engine.createStateMachine({
      name: 'one',
      definition: singleState({ Type: 'Pass' }),
    });
    engine.startExecution({ stateMachineArn });
    expect(() => engine.startExecution({ stateMachineArn })).toThrow('Rate exceeded');
    expect(engine.counters().executions).toBe(1300);
  });

  test('for starts by a state, which can retry', async () => {
    const throttled = await runStateMachine(await withTokens(1), starting());
    expect(throttled.outcome).toMatchObject({ status: 'FAILED', error: 'StepFunctions.ThrottlingException' });
    const Retry = [{ ErrorEquals: ['StepFunctions.ThrottlingException'] }];
    const { outcome, types } = await runStateMachine(await withTokens(1), starting({ Retry }));
    expect(outcome.status).toBe('SUCCEEDED');
    expect(types.filter((type) => type === 'TaskFailed')).toHaveLength(1);
  });

  test('but not for children of a Map Run', async () => {
    const engine = await withTokens(1);
    const { output } = await runStateMachine(engine, distributed({ MaxConcurrency: 5 }), range(10));
    expect(output).toEqual(range(10));
  });
});
