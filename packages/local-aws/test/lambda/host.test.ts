import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { startLambdaFixture, type LambdaFixture } from '../../src/testing/lambda';

let fixture: LambdaFixture;
beforeAll(async () => {
  process.env['SECRET_OF_THE_PARENT'] = 'must not be seen';
  fixture = await startLambdaFixture({
    callback: {},
    context: { timeoutSeconds: 60 },
    count: {},
    eatBuffers: { memoryMegabytes: 128 },
    eatBusily: { memoryMegabytes: 128 },
    eatHeap: { memoryMegabytes: 128 },
    echo: {},
    hang: { timeoutSeconds: 1 },
    killed: {},
    large: {},
    leave: {},
    missing: {},
    notAnError: {},
    failsByName: {},
    reject: {},
    sleep: { reservedConcurrency: 2 },
    synchronous: {},
    variables: { environment: { STAGE_NAME: 'dev' } },
    writeLater: {},
  });
});
afterAll(() => fixture.close());

const invoke = (name: string, payload: unknown = {}) => fixture.host.invokeLambda(name, payload);
const countersOf = (name: string) => fixture.host.counters()[name];

test('an invocation by ARN returns what the handler returned', async () => {
  const event = { text: 'é', list: [1, null], nested: { yes: true } };
  const result = await invoke('arn:aws:lambda:eu-west-1:111122223333:function:echo', event);
  expect(result).toMatchObject({ payload: event, statusCode: 200, executedVersion: '$LATEST' });
});

test('a warm environment is reused, for one invocation at a time', async () => {
  const first = (await invoke('count')).payload as { pid: number };
  const second = (await invoke('count')).payload;
  expect(second).toEqual({ pid: first.pid, calls: 2 });
  const together = await Promise.all([invoke('count'), invoke('count')]);
  expect(new Set(together.map(({ payload }) => (payload as { pid: number }).pid)).size).toBe(2);
  expect(countersOf('count')).toMatchObject({ invocations: 4, coldStarts: 2, environmentsMax: 2 });
});

/** A variable of AWS's tools that no function needs: it would reveal that the environment leaks. */
const ONLY_THE_ENGINES = 'AWS_PROFILE';
process.env[ONLY_THE_ENGINES] = 'of the operator';

test('a function sees its own variables and none of those of the process that runs the engine', async () => {
  const variables = (await invoke('variables')).payload as Record<string, string>;
  expect(variables).toMatchObject({
    STAGE_NAME: 'dev',
    AWS_REGION: 'eu-west-1',
    AWS_LAMBDA_FUNCTION_NAME: 'variables',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:8000',
    LAMBDA_TASK_ROOT: fixture.stateDirectory,
  });
  // The engine sets AWS's own variables itself, whatever the process that runs it has.
  const inherited = Object.keys(process.env).filter((name) => name in variables && !name.startsWith('AWS_'));
  expect(inherited.filter((name) => !['PATH', 'TZ'].includes(name))).toEqual([]);
  expect(variables).not.toHaveProperty(ONLY_THE_ENGINES);
});

test('the context contains the remaining time and the invoked function', async () => {
  const context = (await invoke('context')).payload as { remainingMs: number; awsRequestId: string };
  expect(context).toMatchObject({
    functionName: 'context',
    memoryLimitInMB: '256',
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:context',
  });
  expect(context.remainingMs).toBeGreaterThan(59_000);
  expect(context.remainingMs).toBeLessThanOrEqual(60_000);
});

test("the handler's own error keeps its name, with Lambda's payload as the cause", async () => {
  const failure = await invoke('failsByName').catch((error: unknown) => error as Error);
  expect(failure).toMatchObject({ name: 'OutOfStock' });
  const cause = JSON.parse((failure as Error).message) as { trace: string[] };
  expect(cause).toMatchObject({ errorType: 'OutOfStock', errorMessage: '3 items' });
  expect(cause.trace[0]).toBe('OutOfStock: 3 items');
  await expect(invoke('notAnError')).rejects.toMatchObject({ name: 'string' });
});

test('an invocation that outlives the timeout is killed, even in a busy loop', async () => {
  const startedAt = performance.now();
  const failure = await invoke('hang').catch((error: unknown) => error as Error);
  expect(failure).toMatchObject({ name: 'Sandbox.Timedout' });
  expect((failure as Error).message).toMatch(
    /RequestId: [0-9a-f-]+ Error: Task timed out after 1\.00 seconds/,
  );
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1000);
  const log = readFileSync(join(fixture.stateDirectory, 'logs', 'hang.log'), 'utf8');
  const pid = Number(/hanging in (\d+)/.exec(log)?.[1]);
  await sleep(50);
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  expect(countersOf('hang')).toMatchObject({ invocations: 1, errors: 1, timeouts: 1 });
});

test.each([
  ['leave', 'exit status 7'],
  ['killed', 'signal: killed'],
])('%s: an environment that exits during an invocation fails the invocation', async (name, how) => {
  const failure = await invoke(name).catch((error: unknown) => error as Error);
  expect(failure).toMatchObject({ name: 'Runtime.ExitError' });
  expect((failure as Error).message).toContain(`Runtime exited with error: ${how}`);
});

test('an unhandled rejection fails the invocation', async () => {
  await expect(invoke('reject')).rejects.toMatchObject({ name: 'Runtime.UnhandledPromiseRejection' });
});

// A busy loop cannot check its own memory; the host can if it has /proc.
const EATERS = ['eatHeap', 'eatBuffers', ...(existsSync('/proc/self') ? ['eatBusily'] : [])];

test.each(EATERS)('%s: a function that exceeds its memory is killed', async (name) => {
  await expect(invoke(name)).rejects.toMatchObject({ name: 'Runtime.ExitError' });
});

test('requests and responses over 6 MB are refused', async () => {
  const limit = 6 * 1024 * 1024;
  await expect(invoke('echo', 'x'.repeat(limit))).rejects.toMatchObject({
    name: 'Lambda.RequestEntityTooLargeException',
  });
  await expect(invoke('large', { bytes: limit })).rejects.toMatchObject({
    name: 'Function.ResponseSizeTooLarge',
  });
  expect(((await invoke('large', { bytes: limit - 2 })).payload as string).length).toBe(limit - 2);
});

test('handlers that are missing or not async are refused', async () => {
  await expect(invoke('callback')).rejects.toMatchObject({ name: 'Runtime.CallbackHandlerDeprecated' });
  await expect(invoke('synchronous')).rejects.toMatchObject({ name: 'Runtime.SynchronousHandler' });
  await expect(invoke('missing')).rejects.toMatchObject({ name: 'Runtime.HandlerNotFound' });
  await expect(invoke('unheard-of')).rejects.toMatchObject({ name: 'Lambda.ResourceNotFoundException' });
});

test('reserved concurrency is a maximum', async () => {
  const attempts = [1, 2, 3].map(() => invoke('sleep', { ms: 300 }));
  const outcomes = await Promise.allSettled(attempts);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  expect(outcomes[2]).toMatchObject({ reason: { name: 'Lambda.TooManyRequestsException' } });
  expect(countersOf('sleep')).toMatchObject({ invocations: 2, throttles: 1 });
});

test('a caller that stops waiting does not stop the function', async () => {
  const file = join(fixture.stateDirectory, 'written-later');
  const attempt = fixture.host.invokeLambda(
    'writeLater',
    { ms: 200, file },
    { signal: AbortSignal.timeout(50) },
  );
  await expect(attempt).rejects.toThrow('timeout');
  expect(existsSync(file)).toBe(false);
  const deadline = Date.now() + 5000;
  while (!existsSync(file) && Date.now() < deadline) await sleep(20);
  expect(existsSync(file)).toBe(true);
});

test('a killed environment fails its invocation, and the next one runs in a new environment', async () => {
  const attempt = invoke('sleep', { ms: 30_000 });
  attempt.catch(() => undefined);
  while (
    !fixture.host.environments().some(({ functionName, requestId }) => functionName === 'sleep' && requestId)
  ) {
    await sleep(5);
  }
  const victim = fixture.host
    .environments()
    .find(({ functionName, requestId }) => functionName === 'sleep' && requestId);
  process.kill(victim?.pid ?? 0, 'SIGKILL');
  await expect(attempt).rejects.toMatchObject({ name: 'Runtime.ExitError' });
  const { payload } = await invoke('sleep', { ms: 0 });
  expect((payload as { pid: number }).pid).not.toBe(victim?.pid);
});

test('bills whole milliseconds with the init phase, and reports the peak memory', async () => {
  const before = countersOf('writeLater')?.billedMs ?? 0;
  const file = join(fixture.stateDirectory, 'billed');
  await invoke('writeLater', { ms: 100, file });
  const counters = countersOf('writeLater');
  expect(counters?.billedMs).toBeGreaterThanOrEqual(before + 100);
  expect(counters?.gigabyteSeconds).toBeCloseTo(((counters?.billedMs ?? 0) / 1000) * 0.25, 9);
  expect(counters?.rssBytesMax).toBeGreaterThan(10e6);
});
