import {
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StopExecutionCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import type { StepFunctions } from '../../src/step-functions';
import { systemClock } from '../../src/step-functions/clock';
import {
  closeTestStepFunctions,
  detailsOf,
  functionArn,
  functionError,
  singleState,
  startTestStepFunctions,
  type Lambda,
} from '../../src/testing/step-functions';
import { clientOf, closeServed } from './served-engine';
import { typesOf, until } from './polling';

afterEach(async () => {
  await closeServed();
  await closeTestStepFunctions();
});

const callback = (fields: object = {}): object => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
  Parameters: { FunctionName: functionArn('notify'), Payload: { 'token.$': '$$.Task.Token', 'in.$': '$' } },
  ...fields,
});

interface CallbackEngine {
  readonly engine: StepFunctions;
  readonly client: SFNClient;
  readonly tokens: string[];
}

/** Starts an engine whose function `notify` records the task token and returns immediately. */
async function startCallbackEngine(
  notify: Lambda = () => 'accepted',
  options: object = {},
): Promise<CallbackEngine> {
  const tokens: string[] = [];
  const engine = await startTestStepFunctions(
    {
      notify: (payload, given) => {
        tokens.push((payload as { token: string }).token);
        return notify(payload, given);
      },
    },
    { clock: systemClock, ...options },
  );
  return { engine, client: clientOf(engine), tokens };
}

/** Starts an execution and waits until its task waits for the token. */
async function startWaitingTask(served: CallbackEngine, state: object): Promise<string> {
  const { stateMachineArn } = served.engine.createStateMachine({
    name: 'waiting',
    definition: singleState(state),
  });
  const { executionArn } = served.engine.startExecution({ stateMachineArn, input: 'question' });
  await until(() => typesOf(served.engine, executionArn).includes('TaskSubmitted'));
  return executionArn;
}

test('SendTaskSuccess ends the task, with the events that AWS records', async () => {
  const served = await startCallbackEngine();
  const executionArn = await startWaitingTask(served, callback());
  const [taskToken = ''] = served.tokens;
  await served.client.send(new SendTaskSuccessCommand({ taskToken, output: '{"result":42}' }));
  expect(await served.engine.settled(executionArn)).toMatchObject({ output: '{"result":42}' });
  const { events } = served.engine.inspect(executionArn);
  expect(events.map(({ type }) => type).slice(2, -2)).toEqual([
    'TaskScheduled',
    'TaskStarted',
    'TaskSubmitted',
    'TaskSucceeded',
  ]);
  const service = { resourceType: 'lambda', resource: 'invoke.waitForTaskToken' };
  for (const event of events.slice(2, -2)) expect(detailsOf(event)).toMatchObject(service);
  expect(JSON.parse(String(detailsOf(events[4])['output']))).toMatchObject({ Payload: 'accepted' });
  // A token can be used only once.
  const again = new SendTaskSuccessCommand({ taskToken, output: '1' });
  await expect(served.client.send(again)).rejects.toMatchObject({ name: 'TaskTimedOut' });
});

test('SendTaskFailure fails the task, with or without an error name', async () => {
  const served = await startCallbackEngine();
  for (const failure of [{ error: 'NotToday', cause: 'closed' }, {}]) {
    const executionArn = await startWaitingTask(served, callback());
    const taskToken = served.tokens.at(-1) ?? '';
    await served.client.send(new SendTaskFailureCommand({ taskToken, ...failure }));
    const { stopMs, ...outcome } = await served.engine.settled(executionArn);
    expect(stopMs).toBeGreaterThan(0);
    expect(outcome).toEqual({ status: 'FAILED', ...failure });
  }
});

test('invalid tokens and outputs are refused with the error of the API', async () => {
  const served = await startCallbackEngine();
  const executionArn = await startWaitingTask(served, callback());
  const [taskToken = ''] = served.tokens;
  const send = (fields: { taskToken?: string; output?: string }): Promise<unknown> =>
    served.client.send(new SendTaskSuccessCommand({ taskToken, output: '1', ...fields }));
  expect(taskToken.length).toBeLessThanOrEqual(2048);
  await expect(send({ taskToken: 'guessed' })).rejects.toMatchObject({ name: 'InvalidToken' });
  await expect(send({ taskToken: 'x'.repeat(2049) })).rejects.toMatchObject({ name: 'ValidationException' });
  await expect(send({ output: 'no json' })).rejects.toMatchObject({ name: 'InvalidOutput' });
  // The output of a task is limited to 256 KiB.
  const large = JSON.stringify('x'.repeat(262_143));
  await expect(send({ output: large })).rejects.toMatchObject({ name: 'ValidationException' });
  expect(served.engine.inspect(executionArn).status).toBe('RUNNING');
  await send({});
  expect((await served.engine.settled(executionArn)).status).toBe('SUCCEEDED');
});

test('a token is invalid after its execution was stopped', async () => {
  const served = await startCallbackEngine();
  const executionArn = await startWaitingTask(served, callback({ HeartbeatSeconds: 60 }));
  const { client, engine, tokens } = served;
  await client.send(new StopExecutionCommand({ executionArn }));
  expect((await engine.settled(executionArn)).status).toBe('ABORTED');
  const taskToken = tokens[0] ?? '';
  for (const command of [
    new SendTaskHeartbeatCommand({ taskToken }),
    new SendTaskFailureCommand({ taskToken }),
  ]) {
    await expect(client.send(command)).rejects.toMatchObject({
      name: 'TaskTimedOut',
    });
  }
});

test('a failed function fails the task immediately, and a retry has a new token', async () => {
  let calls = 0;
  const served = await startCallbackEngine(() => {
    calls += 1;
    if (calls === 1) throw functionError('Busy');
    return 'accepted';
  });
  const retry = [{ ErrorEquals: ['Busy'], IntervalSeconds: 1 }];
  const executionArn = await startWaitingTask(served, callback({ Retry: retry }));
  const [first = '', second = ''] = served.tokens;
  expect(first).not.toBe(second);
  const late = new SendTaskSuccessCommand({ taskToken: first, output: '1' });
  await expect(served.client.send(late)).rejects.toMatchObject({ name: 'TaskTimedOut' });
  await served.client.send(new SendTaskSuccessCommand({ taskToken: second, output: '2' }));
  expect(await served.engine.settled(executionArn)).toMatchObject({ output: '2' });
});

test('SendTaskSuccess ends the task even before the function has returned', async () => {
  let release: () => void = () => undefined;
  const served = await startCallbackEngine(() => new Promise<void>((resolve) => (release = resolve)));
  const definition = singleState(callback());
  const { stateMachineArn } = served.engine.createStateMachine({ name: 'waiting', definition });
  const { executionArn } = served.engine.startExecution({ stateMachineArn });
  await until(() => served.tokens.length > 0);
  const taskToken = served.tokens[0] ?? '';
  await served.client.send(new SendTaskSuccessCommand({ taskToken, output: '"early"' }));
  expect(await served.engine.settled(executionArn)).toMatchObject({ output: '"early"' });
  const events = typesOf(served.engine, executionArn);
  release();
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(typesOf(served.engine, executionArn)).toEqual(events);
});

describe('heartbeats', () => {
  /** A clock that advances only on request. */
  function manualClock(): {
    nowMs: () => number;
    advanceMs: (ms: number) => Promise<void>;
    wait: typeof systemClock.wait;
  } {
    let timeMs = 1_000_000;
    const waiters = new Set<{ atMs: number; resolve: () => void }>();
    return {
      nowMs: () => timeMs,
      wait: (durationMs, signal) =>
        new Promise((resolve) => {
          const waiter = { atMs: timeMs + durationMs, resolve };
          waiters.add(waiter);
          signal.addEventListener('abort', () => resolve());
        }),
      async advanceMs(ms) {
        timeMs += ms;
        for (const waiter of [...waiters]) if (waiter.atMs <= timeMs) waiter.resolve();
        await new Promise((resolve) => setTimeout(resolve, 5));
      },
    };
  }

  test('keep the task alive; a missed heartbeat is States.Timeout', async () => {
    const clock = manualClock();
    const served = await startCallbackEngine(undefined, { clock });
    const state = callback({ HeartbeatSeconds: 10, TimeoutSeconds: 60 });
    const executionArn = await startWaitingTask(served, state);
    const taskToken = served.tokens[0] ?? '';
    for (let beats = 0; beats < 3; beats++) {
      await clock.advanceMs(9000);
      await served.client.send(new SendTaskHeartbeatCommand({ taskToken }));
    }
    expect(served.engine.inspect(executionArn).status).toBe('RUNNING');
    // A heartbeat adds no event.
    expect(typesOf(served.engine, executionArn)).toHaveLength(5);
    await clock.advanceMs(10_000);
    expect(await served.engine.settled(executionArn)).toMatchObject({ error: 'States.Timeout' });
    expect(typesOf(served.engine, executionArn).slice(-2)).toEqual(['TaskTimedOut', 'ExecutionFailed']);
  });

  test('do not extend TimeoutSeconds', async () => {
    const clock = manualClock();
    const served = await startCallbackEngine(undefined, { clock });
    const executionArn = await startWaitingTask(
      served,
      callback({ HeartbeatSeconds: 10, TimeoutSeconds: 20 }),
    );
    const taskToken = served.tokens[0] ?? '';
    await clock.advanceMs(9000);
    await served.client.send(new SendTaskHeartbeatCommand({ taskToken }));
    await clock.advanceMs(9000);
    await served.client.send(new SendTaskHeartbeatCommand({ taskToken }));
    await clock.advanceMs(2000);
    expect(await served.engine.settled(executionArn)).toMatchObject({ error: 'States.Timeout' });
  });

  test('are not required while the function runs', async () => {
    const clock = manualClock();
    let release: () => void = () => undefined;
    const served = await startCallbackEngine(() => new Promise<void>((resolve) => (release = resolve)), {
      clock,
    });
    const { stateMachineArn } = served.engine.createStateMachine({
      name: 'waiting',
      definition: singleState(callback({ HeartbeatSeconds: 10 })),
    });
    const { executionArn } = served.engine.startExecution({ stateMachineArn });
    await until(() => served.tokens.length > 0);
    await clock.advanceMs(60_000);
    expect(served.engine.inspect(executionArn).status).toBe('RUNNING');
    release();
    await until(() => typesOf(served.engine, executionArn).includes('TaskSubmitted'));
    await clock.advanceMs(9000);
    expect(served.engine.inspect(executionArn).status).toBe('RUNNING');
    await clock.advanceMs(1000);
    expect(await served.engine.settled(executionArn)).toMatchObject({ error: 'States.Timeout' });
  });
});
