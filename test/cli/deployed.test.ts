/** The verbs for a deployed migration, with real SDK clients against the rehearsal's Step Functions and DynamoDB. */
import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { controlTableName } from '../../src/contract/names';
import { type DynamoDb, type StepFunctions, keyedTable, startDynamoDb } from 'local-aws/testing';
import { ControlTable } from '../../src/adapters/dynamodb/control-table';
import { RECORD_FORMAT } from '../../src/contract/versions';
import { defineMigration } from '../../src/core/definition/definition';
import { freezeDefinition } from '../../src/core/definition/frozen-definition';
import { generationStart } from '../support/generation-start';
import { endpoint } from '../support/trial-definition';
import { ACCOUNT, CODES, REGION, startMachines, VARIABLES } from './deployed-machines';
import { run } from './support';

const TABLE = controlTableName('dev');
const [OLD, DEPLOYED] = CODES;

/** As Lambda reports a function's error. */
const CAUSE_OF_A_FUNCTION = JSON.stringify({
  errorType: 'WrongState',
  errorMessage: 'the target owns the writes',
  trace: ['WrongState: the target owns the writes', '    at revoke (/var/task/index.js:7:9)'],
});
const ENDPOINTS = { source: endpoint('source'), target: endpoint('target') };
const FROZEN = freezeDefinition(
  defineMigration({
    ...{ name: 'live', shape: 'cdc', tables: [{ source: 'shop.t', target: 'shop.t' }] },
    source: { dev: ENDPOINTS.source },
    target: { dev: ENDPOINTS.target },
  }),
  { ...ENDPOINTS, schemaTexts: [] },
);

let directory: string;
let dynamodb: DynamoDb;
let stepFunctions: StepFunctions;
let refusing: StepFunctions;
let abortDoesNothing: StepFunctions;
let documents: DynamoDBDocumentClient;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-cli-test-'));
  dynamodb = await startDynamoDb({
    directory,
    region: REGION,
    account: ACCOUNT,
    tables: [keyedTable(TABLE)],
  });
  stepFunctions = await startMachines({ Type: 'Succeed' });
  abortDoesNothing = await startMachines({
    ...{ Type: 'Pass', End: true },
    Result: { done: false, because: 'generation 6 of migration orders has ended' },
  });
  refusing = await startMachines(
    { Type: 'Fail', Error: 'WrongState', Cause: CAUSE_OF_A_FUNCTION },
    { Type: 'Fail', Error: 'WrongState', Cause: JSON.stringify({ errorMessage: 'two reasons:\n- a\n- b' }) },
  );
  setEnvironment();
  documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
});

afterAll(async () => {
  documents.destroy();
  await stepFunctions.close();
  await refusing.close();
  await abortDoesNothing.close();
  await dynamodb.close();
  rmSync(directory, { recursive: true, force: true });
});

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
        ...generationStart('offline'),
        pk: migration,
        sk: 'migration',
        format: RECORD_FORMAT,
        direction: 'forward',
        generation: 1,
        status: 'running',
        stage: 'plan',
        writes: 'source→target#1',
        epoch: 1,
        cutoverAttempts: 1,
        fenceEpoch: 1,
        execution: null,
        overrides: {},
        overridesRevision: 0,
        differences: null,
        abortEpoch: null,
        fencesCancelled: 0,
        comparisonRounds: 0,
        sync: null,
        captureLost: null,
        reason: null,
        salt: '00',
        fenceDeadline: null,
        wave: null,
        ...{ code: DEPLOYED, syncMachine: 'arn:sync:2', stages: [] },
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

/** Version of Migration that an execution was started with. */
async function versionOf(out: string): Promise<string | undefined> {
  const client = new SFNClient({});
  const executionArn = /arn:\S+:execution:\S+/.exec(out)![0];
  const { stateMachineVersionArn: arn } = await client.send(new DescribeExecutionCommand({ executionArn }));
  client.destroy();
  return arn?.split(':').at(-1);
}

describe('code versions', () => {
  test('start and abort run the newest one', async () => {
    expect(await versionOf((await run(['start', 'orders'])).out)).toBe('2');
    await put('orders', { status: 'aborted', writes: 'source' });
    expect(await versionOf((await run(['abort', 'orders', '--reason', 'late'])).err)).toBe('2');
  });

  test('resume runs the one that the migration records', async () => {
    await put('older', { status: 'held', reason: 'x', code: OLD });
    expect(await versionOf((await run(['resume', 'older'])).out)).toBe('1');
  });

  test('resume names the remedies if it was deleted', async () => {
    await put('oldest', { status: 'held', reason: 'x', code: 'c0de0000' });
    const { code, err } = await run(['resume', 'oldest']);
    expect(code).toBe(1);
    expect(err).toMatch(
      /no version of sluice-dev-Migration has code version c0de0000, which migration oldest runs: it was deleted\. Deploy the revision .*, and resume; or .*npx sluice upgrade oldest --env dev/,
    );
  });

  test('status names the deployed one if it differs', async () => {
    await put('older', { code: OLD });
    expect((await run(['status', 'older'])).out).toMatch(
      /^code: +c0de0001 \(deployed is c0de0002; npx sluice upgrade older moves to it\)$/m,
    );
    await put('newer', {});
    expect((await run(['status', 'newer'])).out).toMatch(/^code: +c0de0002$/m);
  });
});

describe('upgrade', () => {
  test('starts the deployed code and waits until it has claimed the migration', async () => {
    await put('older', { code: OLD, writes: 'source' });
    const upgrading = run(['upgrade', 'older']);
    const { code, out, err } = await upgrading;
    expect([code, out]).toEqual([
      0,
      'migration older moved from code version c0de0001 to c0de0002, and continues\nwatch it with: npx sluice status older --env dev',
    ]);
    expect(await versionOf(err)).toBe('2');
    const [execution] = /arn:\S+:execution:\S+/.exec(err)!;
    expect(stepFunctions.inspect(execution).events[0]).toMatchObject({
      executionStartedEventDetails: { input: '{"migration":"older","code":"deployed"}' },
    });
  });

  test('prints every reason if the deployed code cannot continue', async () => {
    process.env['AWS_ENDPOINT_URL_SFN'] = refusing.url;
    await put('older', { code: OLD, writes: 'source' });
    const { code, err } = await run(['upgrade', 'older']);
    expect(code).toBe(1);
    expect(err).toContain('two reasons:\n- a\n- b');
  });

  test('has nothing to do for the deployed code', async () => {
    await put('newer', { writes: 'source' });
    expect(await run(['upgrade', 'newer'])).toMatchObject({
      code: 0,
      out: 'migration newer runs the deployed code version c0de0002 already',
    });
  });

  test.each([
    ['in a cutover', { writes: 'source→target#3' }, /is in a cutover \(writes are source→target#3\)/],
    [
      'after the flip',
      { writes: 'target' },
      /the target serves the writes .* recorded code version finish it/,
    ],
    ['done', { status: 'done', writes: 'target' }, /is done/],
    ['aborted', { status: 'aborted', writes: 'source' }, /was aborted/],
  ])('is refused %s', async (_, fields, message) => {
    await put('older', { code: OLD, ...fields });
    const { code, err } = await run(['upgrade', 'older']);
    expect(code).toBe(1);
    expect(err).toMatch(message);
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

test('resume shows in which fields the deployed definition differs from the frozen one', async () => {
  const shown = [{ path: 'throttle.copiersMax', frozen: '4', deployed: '8' }];
  await put('redeployed', { status: 'held', reason: 'x' });
  const { err } = await run(['resume', 'redeployed']);
  expect(err).toBe('');
  const [arn] = /arn:\S+/.exec((await run(['resume', 'redeployed'])).out)!;
  // The claim names the execution in the record, and what it found.
  await put('claimed', { execution: arn, differences: { count: 3, shown } });
  const { out } = await run(['status', 'claimed']);
  expect(out).toMatch(
    /differs from the frozen one, which stays in effect, in 3 field\(s\):\n +throttle\.copiersMax: 4 is in effect, 8 is deployed\n +and 2 more\n/,
  );
});

const abortInput = (err: string): unknown =>
  JSON.parse(
    (
      stepFunctions.inspect(/arn:\S+/.exec(err)![0]).events[0]!.executionStartedEventDetails as {
        input: string;
      }
    ).input,
  );

test('abort waits until it ends, prints the outcome, and names the current generation', async () => {
  await put('orders', { status: 'aborted', writes: 'source', generation: 7 });
  const { code, out, err } = await run(['abort', 'orders', '--reason', 'it is late']);
  expect([code, out]).toEqual([0, 'migration orders is aborted in generation 7; writes are at the source']);
  expect(abortInput(err)).toEqual({ migration: 'orders', generation: 7, reason: 'it is late' });
});

test('abort of another generation says that it did nothing', async () => {
  await put('orders', { generation: 7 });
  process.env['AWS_ENDPOINT_URL_SFN'] = abortDoesNothing.url;
  const { code, err, out } = await run(['abort', 'orders', '--reason', 'late', '--generation', '6']);
  expect(code).toBe(1);
  expect(err).toContain('the abort did nothing: generation 6 of migration orders has ended');
  expect(out).toBe('migration orders is running in generation 7; writes are at the source→target#1');
});

test('abort refuses a generation that is not a whole number, and a migration that was never started', async () => {
  const { code, err } = await run(['abort', 'orders', '--reason', 'late', '--generation', '1.5']);
  expect([code, err]).toEqual([2, expect.stringContaining('--generation is "1.5"; give a whole number')]);
  const never = await run(['abort', 'unborn', '--reason', 'late']);
  expect(never.code).toBe(1);
  expect(never.err).toContain('migration unborn was never started in dev, so there is nothing to abort');
});

describe('set', () => {
  const frozen = async (migration: string) => {
    const control = new ControlTable(documents, TABLE);
    const definition = await control.definitions.store(migration, FROZEN);
    await put(migration, { definition, shape: 'cdc' });
  };

  test('changes settings, prints their old and new values, and status shows them', async () => {
    await frozen('live');
    const words = ['throttle.copiersMax=8', 'throttle.rowsPerSecondMax=900'];
    const { code, out, err } = await run(['set', 'live', ...words, '--env', 'dev']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe('throttle.copiersMax: 4 → 8\nthrottle.rowsPerSecondMax: none → 900');
    expect((await run(['status', 'live'])).out).toMatch(
      /^changed: +throttle\.copiersMax=8, throttle\.rowsPerSecondMax=900$/m,
    );
  });

  test('names every problem of the request at once', async () => {
    await frozen('strict');
    const { code, err } = await run(['set', 'strict', 'throttle.copiersMax=0', 'tables=none']);
    expect(code).toBe(1);
    expect(err).toMatch(/for 2 problem\(s\):\n- throttle\.copiersMax is 0.*\n- tables is frozen/);
    expect((await run(['set', 'strict', 'copiers'])).err).toContain(
      '"copiers" is not a setting; write it as',
    );
    expect((await run(['set', 'strict'])).err).toContain('<setting=value> is missing');
  });
});

test('a late abort fails with the message of its cause alone', async () => {
  process.env['AWS_ENDPOINT_URL_SFN'] = refusing.url;
  const { code, err } = await run(['abort', 'orders', '--reason', 'it is late']);
  expect(code).toBe(1);
  expect(err).toMatch(
    /^sluice abort: the abort ended as FAILED with WrongState: the target owns the writes$/m,
  );
  expect(err).not.toMatch(/errorMessage|trace|\/var\/task/);
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

test('status says that the execution that runs a migration has ended, with its cause', async () => {
  process.env['AWS_ENDPOINT_URL_SFN'] = refusing.url;
  const [execution] = /arn:\S+/.exec((await run(['abort', 'orders', '--reason', 'late'])).err)!;
  await put('left', { status: 'running', execution });
  const { code, out, err } = await run(['status', 'left']);
  expect(code).toBe(1);
  expect(out).toMatch(/^status: +running$/m);
  expect(err).toBe(
    'the execution that runs migration left has ended as FAILED with WrongState: the target owns the writes. Continue: npx sluice resume left',
  );
});
