/** The proxy between functions and services, and its faults, with real HTTP and a real SDK client. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
import { setTimeout as sleep } from 'node:timers/promises';
import { CAN_DISTURB, createInterceptor } from '../../../src/rehearsal/faults/calls';
import type { Fault } from '../../../src/rehearsal/faults';
import type { Call, Interceptor } from '../../../src/rehearsal/faults/proxy/call';
import { startProxy, type Proxy } from '../../../src/rehearsal/faults/proxy/proxy';
import { errorReply } from '../../../src/rehearsal/faults/proxy/error-replies';

let service: Server;
let proxy: Proxy;
let served: string[] = [];
let calls: Call[] = [];
let killed: string[] = [];
/** The faults' waits in ms and the served requests, in order. */
let events: (number | 'served')[] = [];
let intercept: (call: Call) => Interceptor | undefined = () => undefined;

beforeAll(async () => {
  service = createServer((request, response) => {
    served.push(request.url!);
    events.push('served');
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ numberOfRecordsUpdated: served.length }));
    });
  });
  await new Promise<void>((done) => service.listen(0, '127.0.0.1', done));
  proxy = await startProxy((call) => {
    calls.push(call);
    return intercept(call);
  });
});
afterAll(async () => {
  await proxy.close();
  service.closeAllConnections();
  await new Promise((done) => service.close(done));
});
beforeEach(() => {
  served = [];
  calls = [];
  killed = [];
  events = [];
  intercept = () => undefined;
});

/** Returns a client of one execution environment that does not retry. */
function clientOf(functionName: string): RDSDataClient {
  const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  const endpoints = proxy.endpointsFor(functionName, { AWS_ENDPOINT_URL_RDS_DATA: url });
  return new RDSDataClient({
    ...{ endpoint: endpoints['AWS_ENDPOINT_URL_RDS_DATA']!, region: 'eu-west-1', maxAttempts: 1 },
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
}

const statement = new ExecuteStatementCommand({ resourceArn: 'r', secretArn: 's', sql: 'SELECT 1' });

const injectFault = (fault: Fault, fraction = 0.1): void => {
  intercept = () =>
    createInterceptor(fault, {
      fraction: () => fraction,
      kill: ({ functionName }) => killed.push(functionName),
      makeUnavailable: () => undefined,
      // Each wait lasts 100 ms, so that an event that does not wait for it comes first.
      wait: async (ms) => {
        events.push(ms);
        await sleep(100);
      },
    });
};

test('forwards calls unchanged, and identifies their function and environment', async () => {
  const [copier, applier] = [clientOf('copy'), clientOf('apply')];
  await copier.send(statement);
  await applier.send(statement);
  expect((await copier.send(statement)).numberOfRecordsUpdated).toBe(3);
  expect(served).toEqual(['/Execute', '/Execute', '/Execute']);
  expect(
    calls.map(({ service: of, operation, functionName, ordinal }) => [of, operation, functionName, ordinal]),
  ).toEqual([
    ['rds-data', 'Execute', 'copy', 1],
    ['rds-data', 'Execute', 'apply', 1],
    ['rds-data', 'Execute', 'copy', 2],
  ]);
  expect(calls[0]!.environment).toBe(calls[2]!.environment);
  expect(calls[0]!.environment).not.toBe(calls[1]!.environment);
});

test.each<[Fault, number, string | null]>([
  ['dropped-connection', 0, 'socket'],
  ['lost-response', 1, 'socket'],
  ['twice-at-once', 2, null],
  ['throttle', 0, 'ThrottlingException'],
  ['unavailable', 0, 'ServiceUnavailableError'],
])('%s: the service receives the request %i times, the client sees %p', async (fault, times, seen) => {
  injectFault(fault);
  const failure = await clientOf('copy')
    .send(statement)
    .then(
      () => null,
      (error: Error & { code?: string }) => error,
    );
  expect(served).toHaveLength(times);
  if (seen === null) expect(failure).toBeNull();
  else
    expect(`${failure?.name} ${failure?.code} ${failure?.message}`).toMatch(
      new RegExp(seen === 'socket' ? 'ECONNRESET|socket' : seen),
    );
});

test.each<[string, number, (number | 'served')[]]>([
  ['the request', 0.25, [1_000, 'served']],
  ['its response', 0.75, ['served', 3_000]],
])('slow: %s is delayed, and the call succeeds', async (_what, fraction, expected) => {
  injectFault('slow', fraction);
  expect((await clientOf('copy').send(statement)).numberOfRecordsUpdated).toBe(1);
  expect(events).toEqual(expected);
});

test.each<[string, number, string[]]>([
  ['ran', 0.25, ['/Execute']],
  ['did not run', 0.75, []],
])(
  'hang: after 45 s the client receives a timeout, for a statement that %s',
  async (_what, fraction, ran) => {
    injectFault('hang', fraction);
    const startedMs = performance.now();
    await expect(clientOf('copy').send(statement)).rejects.toMatchObject({
      name: 'StatementTimeoutException',
      $metadata: { httpStatusCode: 400 },
    });
    expect(performance.now() - startedMs).toBeGreaterThan(95);
    expect([served, events.filter((step) => step !== 'served')]).toEqual([ran, [45_000]]);
  },
);

test('hang applies only to statements', () => {
  const call = (of: string, operation: string) =>
    CAN_DISTURB['hang']!({
      ...{ service: of, operation, functionName: 'f', ordinal: 1, environment: 'e1' },
      body: Buffer.alloc(0),
    });
  expect([
    call('rds-data', 'Execute'),
    call('rds-data', 'BeginTransaction'),
    call('dynamodb', 'Execute'),
  ]).toEqual([true, false, false]);
});

test('the copy of a request arrives after its response', async () => {
  injectFault('twice-late');
  await clientOf('copy').send(statement);
  expect(served).toHaveLength(1);
  for (let waited = 0; served.length < 2 && waited < 50; waited += 1)
    await new Promise((done) => setTimeout(done, 50));
  expect(served).toHaveLength(2);
});

test.each<[Fault, number]>([
  ['kill-before-call', 0],
  ['kill-after-call', 1],
])('%s: the process is killed after the service has received the request %i times', async (fault, times) => {
  injectFault(fault);
  const client = clientOf('copy');
  client.send(statement).catch(() => undefined);
  for (let waited = 0; killed.length === 0 && waited < 100; waited += 1)
    await new Promise((done) => setTimeout(done, 20));
  expect([killed, served.length]).toEqual([['copy'], times]);
  client.destroy();
});

test('each service has its own error responses, and no others', () => {
  const replyOf = (service_: string) =>
    JSON.parse(errorReply(service_, 'throttled').body.toString()) as { __type?: string };
  expect(replyOf('dynamodb').__type).toBe('com.amazonaws.dynamodb.v20120810#ThrottlingException');
  expect(errorReply('dynamodb', 'throttled', 0.9).body.toString()).toContain(
    'ProvisionedThroughputExceededException',
  );
  expect(errorReply('rds-data', 'timed-out').headers['x-amzn-errortype']).toBe('StatementTimeoutException');
  expect(() => errorReply('dynamodb', 'timed-out')).toThrow('dynamodb has no such error response: timed-out');
});
