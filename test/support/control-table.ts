/** The control table on a DynamoDB, reached by the real SDK. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { TableResource } from '../../src/rehearsal/assembly';
import { startDynamoDb } from '../../src/rehearsal/dynamodb';

export const TABLE_NAME = 'sluice-test-control';
const REGION = 'eu-west-1';
const ACCOUNT = '111122223333';

const TABLE: TableResource = {
  logicalId: 'Control',
  name: TABLE_NAME,
  arn: `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${TABLE_NAME}`,
  keySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  attributes: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
  ],
  billingMode: 'PAY_PER_REQUEST',
  provisionedThroughput: undefined,
  globalIndexes: [],
  localIndexes: [],
};

export interface TestControlTable {
  readonly client: DynamoDBDocumentClient;
  /** Variables that point SDK clients at it. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** The engine's DynamoDB, or the service that SLUICE_TEST_DYNAMODB_URL names: the same tests must hold there. */
export async function startControlTable(): Promise<TestControlTable> {
  const given = process.env['SLUICE_TEST_DYNAMODB_URL'];
  const service = given === undefined ? await startOwn() : await useGiven(given);
  const { url, accessKeyId } = service;
  const plain = clientOf(url, accessKeyId);
  return {
    client: DynamoDBDocumentClient.from(plain, { marshallOptions: { removeUndefinedValues: true } }),
    environment: {
      AWS_ENDPOINT_URL_DYNAMODB: url,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: 'local',
    },
    stop: async () => {
      plain.destroy();
      await service.stop();
    },
  };
}

interface Service {
  readonly url: string;
  readonly accessKeyId: string;
  stop(): Promise<void>;
}

async function startOwn(): Promise<Service> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-control-'));
  const service = await startDynamoDb({
    directory,
    tables: [TABLE],
    region: REGION,
    account: ACCOUNT,
  });
  const stop = async (): Promise<void> => {
    await service.close();
    rmSync(directory, { recursive: true, force: true });
  };
  return { url: service.url, accessKeyId: 'local', stop };
}

/** DynamoDB Local keeps the tables of each access key apart, so that tests may run side by side. */
async function useGiven(url: string): Promise<Service> {
  const accessKeyId = `test${randomBytes(8).toString('hex')}`;
  const client = clientOf(url, accessKeyId);
  const table = { TableName: TABLE_NAME };
  await client.send(
    new CreateTableCommand({
      ...table,
      KeySchema: [...TABLE.keySchema],
      AttributeDefinitions: [...TABLE.attributes],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  const stop = async (): Promise<void> => {
    await client.send(new DeleteTableCommand(table));
    client.destroy();
  };
  return { url, accessKeyId, stop };
}

const clientOf = (endpoint: string, accessKeyId: string): DynamoDBClient =>
  new DynamoDBClient({ endpoint, region: REGION, credentials: { accessKeyId, secretAccessKey: 'local' } });
