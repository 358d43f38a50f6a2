/** Invocations of type Event, and account limits and deployment limits. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { EventClock } from '../../src/lambda/events';
import { startLambdaFixture, type LambdaFixture } from '../../src/testing/lambda';

const MINUTE_MS = 60_000;

/** A clock on which time passes only during a sleep, which ends immediately. */
class ImpatientClock implements EventClock {
  readonly waitsMs: number[] = [];
  private nowMs = 0;
  now = (): number => this.nowMs;
  sleep = async (ms: number): Promise<void> => {
    this.waitsMs.push(ms);
    this.nowMs += ms;
    await sleep(10);
  };
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('The condition did not become true within 10 s');
    await sleep(10);
  }
}

let fixture: LambdaFixture;
let clock: ImpatientClock;
beforeAll(async () => {
  clock = new ImpatientClock();
  fixture = await startLambdaFixture(
    {
      echo: {},
      failing: {},
      large: {},
      sleep: { reservedConcurrency: 1 },
      stopped: { handler: 'index.echo', reservedConcurrency: 0 },
      writeLater: {},
    },
    { clock },
  );
});
afterAll(() => fixture.close());
beforeEach(() => clock.waitsMs.splice(0));

const countersOf = (name: string) => fixture.host.counters()[name];
const post = (name: string, body: string, headers: Record<string, string> = {}, query = '') =>
  fetch(`${fixture.host.url}/2015-03-31/functions/${name}/invocations${query}`, {
    method: 'POST',
    body,
    headers,
  });

test('an event is accepted with 202 before its function has run', async () => {
  const file = join(fixture.stateDirectory, 'by-event');
  const body = JSON.stringify({ ms: 100, file });
  const taken = await post('writeLater', body, { 'x-amz-invocation-type': 'Event' });
  expect([taken.status, await taken.text()]).toEqual([202, '']);
  expect(existsSync(file)).toBe(false);
  await until(() => existsSync(file));
});

test('an event whose function fails is retried after one and two minutes with its request id, then dropped', async () => {
  const file = join(fixture.stateDirectory, 'attempts');
  const { requestId, statusCode } = await fixture.host.sendEvent('failing', { file });
  expect(statusCode).toBe(202);
  await until(() => countersOf('failing')?.eventsDropped === 1);
  expect(readFileSync(file, 'utf8')).toBe(`${requestId}\n`.repeat(3));
  expect(clock.waitsMs).toEqual([MINUTE_MS, 2 * MINUTE_MS]);
  expect(countersOf('failing')).toMatchObject({ invocations: 3, errors: 3, eventRetries: 2 });
});

test('a throttled event is retried for six hours, after one second at first and five minutes at last', async () => {
  await fixture.host.sendEvent('stopped', {});
  await until(() => countersOf('stopped')?.eventsDropped === 1);
  expect(clock.waitsMs.slice(0, 10).map((ms) => ms / 1000)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
  const waitedMs = clock.waitsMs.reduce((sum, ms) => sum + ms, 0);
  expect(waitedMs).toBeLessThanOrEqual(6 * 60 * MINUTE_MS);
  expect(waitedMs).toBeGreaterThan((6 * 60 - 5) * MINUTE_MS);
  expect(countersOf('stopped')).toMatchObject({ invocations: 0 });
});

test('a throttled event runs when concurrency is available', async () => {
  await fixture.host.warm('sleep', 1);
  const first = fixture.host.invokeLambda('sleep', { ms: 100 });
  await fixture.host.sendEvent('sleep', { ms: 0 });
  await first;
  await until(() => countersOf('sleep')?.invocations === 2);
  expect(countersOf('sleep')?.throttles).toBeGreaterThan(0);
  expect(countersOf('sleep')).toMatchObject({ errors: 0, eventsDropped: 0 });
});

test('an event may have 1 MB, a synchronous request 6 MB', async () => {
  const event = { 'x-amz-invocation-type': 'Event' };
  const ofBytes = (bytes: number): string => JSON.stringify('x'.repeat(bytes - 2));
  expect((await post('echo', ofBytes(1024 * 1024), event)).status).toBe(202);
  const refused = await post('echo', ofBytes(1024 * 1024 + 1), event);
  expect([refused.status, refused.headers.get('x-amzn-errortype')]).toEqual([
    413,
    'RequestEntityTooLargeException',
  ]);
  expect((await post('echo', ofBytes(1024 * 1024 + 1))).status).toBe(200);
  await expect(fixture.host.sendEvent('unheard-of', {})).rejects.toMatchObject({
    name: 'Lambda.ResourceNotFoundException',
  });
});

test('a throttled request gets status 429 and the exceeded limit', async () => {
  const refused = await post('stopped', '{}');
  expect([refused.status, refused.headers.get('x-amzn-errortype')]).toEqual([
    429,
    'TooManyRequestsException',
  ]);
  expect(await refused.json()).toMatchObject({ Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' });
});

test("functions without a reservation share the account's concurrency", async () => {
  const { host, close } = await startLambdaFixture({ sleep: {}, echo: {} }, { accountConcurrency: 2 });
  try {
    const busy = [1, 2].map(() => host.invokeLambda('sleep', { ms: 200 }));
    await expect(host.invokeLambda('echo', {})).rejects.toMatchObject({
      name: 'Lambda.TooManyRequestsException',
      reason: 'ConcurrentInvocationLimitExceeded',
    });
    await Promise.all(busy);
    await expect(host.invokeLambda('echo', {})).resolves.toMatchObject({ statusCode: 200 });
  } finally {
    await close();
  }
});

test('a dry run invokes no function, and unsupported parameters are refused', async () => {
  const before = countersOf('echo')?.invocations;
  expect((await post('echo', '{}', { 'x-amz-invocation-type': 'DryRun' })).status).toBe(204);
  expect((await post('unheard-of', '{}', { 'x-amz-invocation-type': 'DryRun' })).status).toBe(404);
  for (const [headers, query, reason] of [
    [{ 'x-amz-invocation-type': 'Later' }, '', 'the invocation types RequestResponse, Event, DryRun'],
    [{ 'x-amz-log-type': 'Tail' }, '', 'no LogType Tail'],
    [{ 'x-amz-client-context': 'e30=' }, '', 'no ClientContext'],
  ] as const) {
    const refused = await post('echo', '{}', headers, query);
    expect(refused.status).toBe(400);
    expect(((await refused.json()) as { Message: string }).Message).toContain(reason);
  }
  expect(countersOf('echo')?.invocations).toBe(before);
});

test('functions that Lambda would refuse to create are all reported at the start', async () => {
  const start = startLambdaFixture({
    tooMuch: { environment: { A1: 'x'.repeat(4096) } },
    reserved: { environment: { AWS_REGION: 'eu-west-1', '1A': '' } },
    patient: { timeoutSeconds: 901 },
    small: { memoryMegabytes: 64 },
    greedy: { reservedConcurrency: 901 },
  });
  const message = await start.then(
    () => '',
    (error: Error) => error.message,
  );
  expect(message.split('\n').slice(1)).toEqual([
    '- tooMuch: its variables take 4105 bytes, over the limit of 4096; move some elsewhere',
    "- reserved: the variable AWS_REGION is Lambda's own; use another name",
    '- reserved: "1A" is not a valid variable name; use letters, digits and _',
    '- patient: its timeout of 901 s is not between 1 and 900 s',
    '- small: its memory of 64 MB is not between 128 and 10240 MB',
    "- the functions reserve a concurrency of 901; 100 of the account's 1000 must stay unreserved",
  ]);
  const { close } = await startLambdaFixture({ echo: { environment: { A1: 'x'.repeat(4096 - 9) } } });
  await close();
});

test('closing drops the waiting events', async () => {
  const other = await startLambdaFixture({ failing: {} });
  const file = join(other.stateDirectory, 'attempts');
  appendFileSync(file, '');
  await other.host.sendEvent('failing', { file });
  await until(() => other.host.counters()['failing']?.eventRetries === 1);
  await other.close();
});
