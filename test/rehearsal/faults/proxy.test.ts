/** What stands between functions and services when something is to go wrong there. Real HTTP, a real SDK client. */
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
/** Waits of faults in ms, and between them the requests that were served. */
let course: (number | 'served')[] = [];
let disturb: (call: Call) => Interceptor | undefined = () => undefined;

beforeAll(async () => {
  service = createServer((request, response) => {
    served.push(request.url!);
    course.push('served');
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ numberOfRecordsUpdated: served.length }));
    });
  });
  await new Promise<void>((done) => service.listen(0, '127.0.0.1', done));
  proxy = await startProxy((call) => {
    calls.push(call);
    return disturb(call);
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
  course = [];
  disturb = () => undefined;
});

/** A client of one execution environment, which tries once. */
function clientOf(functionName: string): RDSDataClient {
  const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  const endpoints = proxy.endpointsFor(functionName, { AWS_ENDPOINT_URL_RDS_DATA: url });
  return new RDSDataClient({
    ...{ endpoint: endpoints['AWS_ENDPOINT_URL_RDS_DATA']!, region: 'eu-west-1', maxAttempts: 1 },
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
}

const statement = new ExecuteStatementCommand({ resourceArn: 'r', secretArn: 's', sql: 'SELECT 1' });

const injecting = (fault: Fault, share = 0.1): void => {
  disturb = () =>
    createInterceptor(fault, {
      fraction: () => share,
      kill: ({ functionName }) => killed.push(functionName),
      makeUnavailable: () => undefined,
      // A tenth of a second for each, so that what must not wait would come first.
      wait: async (ms) => {
        course.push(ms);
        await sleep(100);
      },
    });
};

test('passes calls on as they are, and knows whose they are', async () => {
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
])('%s: the service is asked %i times, the client sees %p', async (fault, times, seen) => {
  injecting(fault);
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
  ['its answer', 0.75, ['served', 3_000]],
])('slow: %s takes its time, and all is well', async (_what, share, expected) => {
  injecting('slow', share);
  expect((await clientOf('copy').send(statement)).numberOfRecordsUpdated).toBe(1);
  expect(course).toEqual(expected);
});

test.each<[string, number, string[]]>([
  ['ran', 0.25, ['/Execute']],
  ['did not run', 0.75, []],
])(
  'hang: after 45 s the client hears that time is over, of a statement that %s',
  async (_what, share, ran) => {
    injecting('hang', share);
    const startedMs = performance.now();
    await expect(clientOf('copy').send(statement)).rejects.toMatchObject({
      name: 'StatementTimeoutException',
      $metadata: { httpStatusCode: 400 },
    });
    expect(performance.now() - startedMs).toBeGreaterThan(95);
    expect([served, course.filter((step) => step !== 'served')]).toEqual([ran, [45_000]]);
  },
);

test('hang concerns statements alone', () => {
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

test('a late copy of a request comes when its answer is long there', async () => {
  injecting('twice-late');
  await clientOf('copy').send(statement);
  expect(served).toHaveLength(1);
  for (let waited = 0; served.length < 2 && waited < 50; waited += 1)
    await new Promise((done) => setTimeout(done, 50));
  expect(served).toHaveLength(2);
});

test.each<[Fault, number]>([
  ['kill-before-call', 0],
  ['kill-after-call', 1],
])('%s: the process is killed when the service was asked %i times', async (fault, times) => {
  injecting(fault);
  const client = clientOf('copy');
  client.send(statement).catch(() => undefined);
  for (let waited = 0; killed.length === 0 && waited < 100; waited += 1)
    await new Promise((done) => setTimeout(done, 20));
  expect([killed, served.length]).toEqual([['copy'], times]);
  client.destroy();
});

test('every service refuses in its own words, and none is given words that it does not have', () => {
  const said = (service_: string) =>
    JSON.parse(errorReply(service_, 'throttled').body.toString()) as { __type?: string };
  expect(said('dynamodb').__type).toBe('com.amazonaws.dynamodb.v20120810#ThrottlingException');
  expect(errorReply('dynamodb', 'throttled', 0.9).body.toString()).toContain(
    'ProvisionedThroughputExceededException',
  );
  expect(errorReply('rds-data', 'timed-out').headers['x-amzn-errortype']).toBe('StatementTimeoutException');
  expect(() => errorReply('dynamodb', 'timed-out')).toThrow('dynamodb has no such error response: timed-out');
});
