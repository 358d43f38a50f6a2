/** The verbs for a deployed migration, with real SDK clients against the rehearsal's Step Functions and DynamoDB. */
import { ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { mkdtempSync, rmSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { controlTableName, stateMachineName } from '../../src/contract/names';
import {
  type DynamoDb,
  type StepFunctions,
  keyedTable,
  startDynamoDb,
  startStepFunctions,
} from 'local-aws/testing';
import { run } from './support';

const REGION = 'eu-west-1';
const ACCOUNT = '111122223333';
const TABLE = controlTableName('dev');

const wait = (next: object) => ({
  StartAt: 'Wait',
  States: { Wait: { Type: 'Wait', Seconds: 0, Next: 'End' }, End: next },
});

let directory: string;
let dynamodb: DynamoDb;
let stepFunctions: StepFunctions;
let abortEnds: StepFunctions;
let documents: DynamoDBDocumentClient;

const startMachines = async (abort: object): Promise<StepFunctions> => {
  const engine = await startStepFunctions({
    region: REGION,
    account: ACCOUNT,
    runTask: { invokeLambda: () => Promise.reject(new Error('no function here')) },
  });
  // More machines than the longest page of a list holds.
  for (let index = 0; index < 1_000; index += 1) {
    engine.createStateMachine({ name: `another-${index}`, definition: wait({ Type: 'Succeed' }) });
  }
  engine.createStateMachine({
    name: stateMachineName('dev', 'Migration'),
    definition: wait({ Type: 'Succeed' }),
  });
  engine.createStateMachine({ name: stateMachineName('dev', 'Abort'), definition: wait(abort) });
  return engine;
};

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-cli-test-'));
  dynamodb = await startDynamoDb({
    directory,
    region: REGION,
    account: ACCOUNT,
    tables: [keyedTable(TABLE)],
  });
  stepFunctions = await startMachines({ Type: 'Succeed' });
  abortEnds = await startMachines({ Type: 'Fail', Error: 'WrongState', Cause: 'the target owns the writes' });
  setEnvironment();
  documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
});

afterAll(async () => {
  documents.destroy();
  await stepFunctions.close();
  await abortEnds.close();
  await dynamodb.close();
  rmSync(directory, { recursive: true, force: true });
});

const VARIABLES = {
  AWS_REGION: REGION,
  AWS_ACCESS_KEY_ID: 'key',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  AWS_EC2_METADATA_DISABLED: 'true',
};

function setEnvironment(): void {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, VARIABLES, {
    AWS_ENDPOINT_URL_SFN: stepFunctions.url,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
  });
}

beforeEach(setEnvironment);

const put = (migration: string, fields: Record<string, unknown>): Promise<unknown> =>
  documents.send(
    new PutCommand({
      TableName: TABLE,
      Item: {
        pk: migration,
        sk: 'migration',
        generation: 1,
        status: 'running',
        stage: 'plan',
        writes: 'fenced#1',
        epoch: 1,
        owner: null,
        reason: null,
        salt: '00',
        fenceDeadline: null,
        wave: null,
        ...fields,
      },
    }),
  );

const executions = async () => {
  const client = new SFNClient({});
  const stateMachineArn = `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:sluice-dev-Migration`;
  const { executions: found } = await client.send(new ListExecutionsCommand({ stateMachineArn }));
  client.destroy();
  return (found ?? []).map(({ name }) => name ?? '');
};

test('start gives each execution a readable and unique name', async () => {
  const [one, two] = [await run(['start', 'orders']), await run(['start', 'orders'])];
  expect([one.code, two.code]).toEqual([0, 0]);
  expect(one.out).toMatch(
    /started arn:aws:states:eu-west-1:111122223333:execution:sluice-dev-Migration:orders-\d{8}T\d{6}Z-[0-9a-f]{6}$/m,
  );
  const names = await executions();
  expect(new Set(names).size).toBe(2);
  expect(stepFunctions.inspect(/arn:\S+/.exec(one.out)![0]).events[0]).toMatchObject({
    executionStartedEventDetails: { input: '{"migration":"orders"}' },
  });
});

test('names an environment that is not deployed', async () => {
  const { code, err } = await run(['start', 'orders', '--env', 'prod']);
  expect(code).toBe(1);
  expect(err).toMatch(/no state machine sluice-prod-Migration in eu-west-1.*npx cdk deploy -c env=prod/);
  const status = await run(['status', 'orders', '--env', 'prod']);
  expect(status.code).toBe(1);
  expect(status.err).toMatch(/no control table sluice-prod-control.*npx cdk deploy -c env=prod/);
});

test('status reports a migration that was never started', async () => {
  const { code, err } = await run(['status', 'untouched']);
  expect(code).toBe(1);
  expect(err).toContain('migration untouched was never started in dev. Start it: npx sluice start untouched');
});

test('status shows a report, as text and as JSON, and fails if the migration is held', async () => {
  await put('running', {});
  await put('held', { status: 'held', reason: 'VerificationFailed: two chunks' });
  const [running, json, held] = [
    await run(['status', 'running']),
    await run(['status', 'running', '--json']),
    await run(['status', 'held']),
  ];
  expect([running.code, json.code, held.code]).toEqual([0, 0, 1]);
  expect(running.out).toMatch(/status: +running\nstage: +backfill \(5 of 9\)\nwrites: +source→target#1 /);
  expect(JSON.parse(json.out)).toMatchObject({ record: { migration: 'running', stage: 'plan' }, tables: [] });
  expect(held.out).toMatch(/status: +held: VerificationFailed: two chunks/);
});

test.each([
  ['done', { status: 'done', writes: 'target' }, /is done: the target serves writes/],
  ['aborted', { status: 'aborted' }, /was aborted\. Start it again: npx sluice start/],
  ['aborting', { status: 'aborting', reason: 'late' }, /is being aborted \(late\)/],
])('resume refuses a migration that is %s', async (name, fields, message) => {
  await put(name, fields);
  const { code, err } = await run(['resume', name]);
  expect(code).toBe(1);
  expect(err).toMatch(message);
});

test('resume refuses a migration that was never started, and continues a held one', async () => {
  expect((await run(['resume', 'unborn'])).err).toContain('never started here. Start it');
  await put('stopped', { status: 'held', reason: 'x' });
  const { code, out } = await run(['resume', 'stopped']);
  expect(code).toBe(0);
  expect(out).toMatch(/resumed at stage backfill \(5 of 9\) as arn:\S+:stopped-/);
});

test('abort waits until it ends, and prints the outcome', async () => {
  await put('orders', { status: 'aborted', writes: 'source' });
  const { code, out } = await run(['abort', 'orders', '--reason', 'it is late']);
  expect([code, out]).toEqual([0, 'migration orders is aborted; writes are at the source']);
});

test('a late abort fails with its cause', async () => {
  process.env['AWS_ENDPOINT_URL_SFN'] = abortEnds.url;
  const { code, err } = await run(['abort', 'orders', '--reason', 'it is late']);
  expect(code).toBe(1);
  expect(err).toContain('the abort ended as FAILED with WrongState: the target owns the writes');
});

test('names the missing configuration and the remedy', async () => {
  delete process.env['AWS_REGION'];
  expect((await run(['start', 'orders'])).err).toMatch(/no AWS region is configured\. Set AWS_REGION/);
  setEnvironment();
  delete process.env['AWS_ACCESS_KEY_ID'];
  expect((await run(['start', 'orders'])).err).toMatch(/no AWS credentials: .*Set AWS_PROFILE/);
  setEnvironment();
  process.env['AWS_ENDPOINT_URL_SFN'] = 'http://127.0.0.1:1';
  const { code, err } = await run(['start', 'orders']);
  expect(code).toBe(1);
  expect(err).toMatch(/endpoint cannot be reached \(ECONNREFUSED\).*npx sluice local/);
});
