import { DynamoDBClient, ScanCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { modelCost } from '../../src/counters';
import { startEngine, type Engine, type EngineOptions } from '../../src/engine';
import {
  createDatabase,
  createLogin,
  runSql,
  startTestPostgres,
  type TestPostgres,
} from '../../src/testing/postgres';
import type { FixtureApp } from '../assembly/fixture';
import { CLUSTER_ARN, optionsFor, SECRET_ARN, synthesizeApp } from './app';

let postgres: TestPostgres;
let app: FixtureApp;
let options: EngineOptions;
let engine: Engine;

beforeAll(async () => {
  postgres = await startTestPostgres();
  const url = await createDatabase(postgres.superuserUrl, 'shop');
  const login = new URL(await createLogin(url, 'clerk'));
  await runSql(url, 'create table orders as select 1 as id; grant select on orders to clerk');
  app = synthesizeApp();
  options = optionsFor(app, login);
});
afterAll(async () => {
  await postgres.stop();
  rmSync(app.directory, { recursive: true });
});
beforeEach(async () => {
  engine = await startEngine(options);
});
afterEach(() => engine.close());

const clientOptions = (environment: Readonly<Record<string, string>>, service: string) => ({
  endpoint: environment[`AWS_ENDPOINT_URL_${service}`] ?? '',
  region: environment['AWS_REGION'] ?? '',
  credentials: {
    accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? '',
  },
});

async function start(client: SFNClient, pk: string): Promise<string> {
  const input = JSON.stringify({ pk, clusterArn: CLUSTER_ARN, secretArn: SECRET_ARN });
  const { executionArn = '' } = await client.send(
    new StartExecutionCommand({ stateMachineArn: engine.outputs['MachineArn'], input }),
  );
  return executionArn;
}

async function execute(pk: string): Promise<unknown> {
  const client = new SFNClient(clientOptions(engine.environment, 'SFN'));
  const executionArn = await start(client, pk);
  for (;;) {
    const { status, output, error, cause } = await client.send(
      new DescribeExecutionCommand({ executionArn }),
    );
    if (status === 'SUCCEEDED') return JSON.parse(output ?? '');
    if (status !== 'RUNNING') throw new Error(`${status} ${error}: ${cause}`);
    await sleep(20);
  }
}

async function items(environment = engine.environment): Promise<Record<string, AttributeValue>[]> {
  const client = new DynamoDBClient(clientOptions(environment, 'DYNAMODB'));
  const [table] = engine.assembly.tables;
  return (
    (await client.send(new ScanCommand({ TableName: table?.name ?? '', ConsistentRead: true }))).Items ?? []
  );
}

test('an execution runs the bundle of the assembly against all services, and its use is counted', async () => {
  expect(await execute('first')).toEqual({
    user: 'clerk',
    orders: 1,
    machines: ['little-machine'],
    function: 'little-handler',
    traced: true,
  });
  expect(await items()).toEqual([{ pk: { S: 'first' }, kind: { S: 'note' } }]);

  const log = readFileSync(join(options.stateDirectory, 'logs', 'little-handler.log'), 'utf8');
  expect(log).toContain('"message":"writing"');
  expect(log).toMatch(/"_aws":\{"Timestamp":\d+,"CloudWatchMetrics":\[\{"Namespace":"Little"/);

  const counters = await engine.counters();
  expect(counters.lambda['little-handler']).toMatchObject({ invocations: 1, errors: 0, coldStarts: 1 });
  const cost = modelCost(counters);
  expect(cost).toMatchObject({ dataApiCalls: 1, dynamodbWrites: 1, stateTransitions: 1 });
  // 256 MB, x86: what the function used, a request, a transition, a Data API call, a write unit and a read unit.
  const expectedUsd = cost.lambdaGbSeconds * 0.0000166667 + 0.2e-6 + 25e-6 + 0.35e-6 + 0.625e-6 + 0.125e-6;
  expect(cost.modelledCostUsd).toBeCloseTo(expectedUsd, 12);
});

test('DescribeExecution reports the end of an execution late, as it may in AWS', async () => {
  const client = new SFNClient(clientOptions(engine.environment, 'SFN'));
  const executionArn = await start(client, 'late');
  const statusOf = async () => (await client.send(new DescribeExecutionCommand({ executionArn }))).status;
  await engine.stepFunctions.settled(executionArn);
  expect([engine.stepFunctions.inspect(executionArn).status, await statusOf()]).toEqual([
    'SUCCEEDED',
    'RUNNING',
  ]);
  await sleep(600);
  expect(await statusOf()).toBe('SUCCEEDED');
});

test('items survive a restart on the same state directory', async () => {
  await execute('second');
  await engine.close();
  engine = await startEngine(options);
  expect((await items()).map(({ pk }) => pk?.S)).toContain('second');
  await execute('third');
  expect((await items()).map(({ pk }) => pk?.S)).toContain('third');
});

test('a second engine on the same state directory is refused', async () => {
  await expect(startEngine(options)).rejects.toThrow('another process uses this state directory');
});

test('a killed engine leaves no function running and loses no item', async () => {
  await engine.close();
  const starter = fork(join(__dirname, 'starter.ts'), [], { execArgv: ['--import', 'tsx'] });
  starter.send(options);
  type Started = { environment: Record<string, string>; pids: number[] };
  const [{ environment, pids }] = (await once(starter, 'message')) as [Started];
  const before = await items(environment);
  expect(pids).toHaveLength(1);
  starter.kill('SIGKILL');
  await once(starter, 'exit');
  engine = await startEngine(options);
  expect(await items()).toEqual(before);
  await sleep(200);
  for (const pid of pids) expect(isRunning(pid)).toBe(false);
});

test('a call to a service that is not emulated is refused on this machine', async () => {
  const response = await fetch(engine.environment['AWS_ENDPOINT_URL'] ?? '', {
    method: 'POST',
    headers: { 'x-amz-target': 'secretsmanager.GetSecretValue' },
  });
  expect(response.status).toBe(404);
  expect(await response.text()).toContain(
    'The local engine has no service for secretsmanager.GetSecretValue',
  );
});

test('faults apply to invocations of state machines and to events', async () => {
  await engine.close();
  const invoked: string[] = [];
  engine = await startEngine({
    ...options,
    faults: {
      onInvocation: () => undefined,
      variablesFor: (_functionName, endpoints) => ({ ...endpoints }),
      invoke: (name, run) => {
        invoked.push(name);
        const [first, second] = [run(), run()];
        second.catch(() => undefined);
        return first;
      },
    },
  });
  const invocations = async () => (await engine.counters()).lambda['little-handler']?.invocations ?? 0;
  await execute('twice');
  expect(invoked).toEqual([expect.stringMatching(/:function:little-handler/)]);
  await engine.lambda.sendEvent('little-handler', {
    pk: 'event',
    clusterArn: CLUSTER_ARN,
    secretArn: SECRET_ARN,
  });
  for (let waited = 0; (await invocations()) < 4 && waited < 5_000; waited += 20) await sleep(20);
  expect(await invocations()).toBe(4);
  expect(invoked.slice(1)).toEqual(['little-handler']);
});

/** Whether a process runs. A zombie that is never reaped has a pid, but no command line. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
}
