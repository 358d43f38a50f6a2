/** Each service refuses a caller as in AWS. The tests call over HTTP with the access keys of functions. */
import { DynamoDBClient, GetItemCommand, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { CfnPolicy } from 'aws-cdk-lib/aws-iam';
import { Aspects } from 'aws-cdk-lib';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { startEngine, type Engine } from '../../src/engine';
import { synthesize, type FixtureApp } from '../assembly/fixture';

/** The function returns its credentials, with which the test then calls. */
const BUNDLE =
  'exports.handler = async () => ({ accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY, sessionToken: process.env.AWS_SESSION_TOKEN });';
const CLUSTER = 'arn:aws:rds:eu-central-1:123456789012:cluster:shop';
const SECRET = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop-abcdef';

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

let app: FixtureApp;
let engine: Engine;
let ofHandler: Credentials;
const STRANGER: Credentials = { accessKeyId: 'AKIASTRANGER', secretAccessKey: 'x' };

beforeAll(async () => {
  app = synthesize(BUNDLE);
  engine = await startEngine({
    assemblyDirectory: app.assemblyDirectory,
    stateDirectory: join(app.directory, 'state'),
    // No database listens there: every tested call is refused before it connects.
    clusters: { [CLUSTER]: { host: '127.0.0.1', port: 1 } },
    secrets: { [SECRET]: { username: 'clerk', password: 'x' } },
  });
  ofHandler = (await engine.lambda.invokeLambda('little-handler', {})).payload as Credentials;
});
afterAll(async () => {
  await engine.close();
  rmSync(app.directory, { recursive: true });
});

const settings = (service: string, credentials: Credentials) => ({
  ...{ endpoint: engine.environment[`AWS_ENDPOINT_URL_${service}`]!, region: 'eu-central-1', credentials },
  maxAttempts: 1,
});

const get = (credentials: Credentials, TableName = engine.assembly.tables[0]!.name) =>
  new DynamoDBClient(settings('DYNAMODB', credentials)).send(
    new GetItemCommand({ TableName, Key: { pk: { S: 'a' } } }),
  );
const execute = (credentials: Credentials) =>
  new RDSDataClient(settings('RDS_DATA', credentials)).send(
    new ExecuteStatementCommand({
      resourceArn: CLUSTER,
      secretArn: SECRET,
      sql: 'select 1',
      database: 'shop',
    }),
  );
const start = (credentials: Credentials) =>
  new SFNClient(settings('SFN', credentials)).send(
    new StartExecutionCommand({ stateMachineArn: engine.outputs['MachineArn']! }),
  );
/** Sends the request by hand, because the package has no Lambda client. */
async function invoke({ accessKeyId }: Credentials): Promise<never> {
  const url = `${engine.environment['AWS_ENDPOINT_URL_LAMBDA']}/2015-03-31/functions/little-handler/invocations`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261122/eu-central-1/lambda/aws4_request, SignedHeaders=host, Signature=0`;
  const response = await fetch(url, { method: 'POST', headers: { authorization }, body: '{}' });
  const { Message } = (await response.json()) as { Message: string };
  throw Object.assign(new Error(Message), {
    name: response.headers.get('x-amzn-errortype'),
    $metadata: { httpStatusCode: response.status },
  });
}

const SERVICES: [string, number, (credentials: Credentials) => Promise<unknown>, string, string][] = [
  [
    'DynamoDB',
    400,
    (who) => get(who, 'elsewhere'),
    'dynamodb:GetItem',
    'arn:aws:dynamodb:eu-central-1:123456789012:table/elsewhere',
  ],
  ['the Data API', 403, execute, 'rds-data:ExecuteStatement', CLUSTER],
  [
    'Step Functions',
    400,
    start,
    'states:StartExecution',
    'arn:aws:states:eu-central-1:123456789012:stateMachine:little-machine',
  ],
  [
    'Lambda',
    403,
    invoke,
    'lambda:InvokeFunction',
    'arn:aws:lambda:eu-central-1:123456789012:function:little-handler',
  ],
];

test.each(SERVICES)(
  '%s refuses a call that the role does not allow',
  async (_name, status, call, action, resource) => {
    const role = engine.assembly.roles.find(({ arn }) => arn === engine.assembly.functions[0]!.roleArn)!;
    await expect(call(ofHandler)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `User: arn:aws:sts::123456789012:assumed-role/${role.name}/little-handler is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
      $metadata: { httpStatusCode: status },
    });
    expect((await engine.access()).denied).toContainEqual(
      expect.objectContaining({ statement: { Effect: 'Allow', Action: action, Resource: resource } }),
    );
  },
);

test.each(SERVICES)('%s refuses an unknown access key', async (_name, status, call) => {
  await expect(call(STRANGER)).rejects.toMatchObject({
    name: 'UnrecognizedClientException',
    $metadata: { httpStatusCode: status },
  });
});

test('a call that the role allows succeeds, and so does every call of the operator', async () => {
  await expect(get(ofHandler)).resolves.toMatchObject({ $metadata: { httpStatusCode: 200 } });
  const operator = {
    accessKeyId: engine.environment['AWS_ACCESS_KEY_ID']!,
    secretAccessKey: engine.environment['AWS_SECRET_ACCESS_KEY']!,
  };
  const client = new DynamoDBClient(settings('DYNAMODB', operator));
  await expect(client.send(new ListTablesCommand({}))).resolves.toBeDefined();
});

test('a state machine may call only what its role allows, and its state fails with the service’s own error', async () => {
  const bare = synthesize(BUNDLE, (stack) =>
    Aspects.of(stack.node.findChild('Machine')).add({
      visit: (node) => {
        if (node instanceof CfnPolicy)
          node.policyDocument = {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: 'logs:PutLogEvents', Resource: '*' }],
          };
      },
    }),
  );
  const other = await startEngine({
    ...{ assemblyDirectory: bare.assemblyDirectory, stateDirectory: join(bare.directory, 'state') },
    ...{ clusters: {}, secrets: {} },
  });
  try {
    const { executionArn } = other.stepFunctions.startExecution({
      stateMachineArn: other.outputs['MachineArn']!,
    });
    const failure = (): string => {
      const { events } = other.stepFunctions.inspect(executionArn);
      const failed = events.find(({ type }) => type === 'LambdaFunctionFailed');
      return failed === undefined ? '' : JSON.stringify(failed);
    };
    while (failure() === '') await sleep(20);
    expect(failure()).toContain('"error":"Lambda.AWSLambdaException"');
    expect(failure()).toMatch(
      /is not authorized to perform: lambda:InvokeFunction .*\(Service: AWSLambda; Status Code: 403; Error Code: AccessDeniedException; Request ID: [0-9a-f-]+; Proxy: null\)/,
    );
    expect((await other.access()).denied).toMatchObject([
      {
        statement: {
          Effect: 'Allow',
          Action: 'lambda:InvokeFunction',
          Resource: 'arn:aws:lambda:eu-central-1:123456789012:function:little-handler',
        },
      },
    ]);
    expect(other.lambda.counters()['little-handler']!.invocations).toBe(0);
  } finally {
    await other.close();
    rmSync(bare.directory, { recursive: true });
  }
});
