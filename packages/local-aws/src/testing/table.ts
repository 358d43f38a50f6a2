/** Creates one DynamoDB table for a test, with an SDK client for it. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { TableResource } from '../assembly';
import { startDynamoDb } from '../dynamodb';

const REGION = 'eu-west-1';
const ACCOUNT = '111122223333';

/** A table with a partition key `pk` and a sort key `sk`, both strings. */
export const keyedTable = (name: string): TableResource => ({
  logicalId: 'Table',
  name,
  arn: `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}`,
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
});

export interface TestTable {
  readonly client: DynamoDBDocumentClient;
  /** Environment variables that point SDK clients at the service. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Uses the engine's DynamoDB, or the service at LOCAL_AWS_DYNAMODB_URL: the same tests must pass on both. */
export async function startTestTable(table: TableResource): Promise<TestTable> {
  const given = process.env['LOCAL_AWS_DYNAMODB_URL'];
  const service = given === undefined ? await startOwn(table) : await useGiven(given, table);
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

async function startOwn(table: TableResource): Promise<Service> {
  const directory = mkdtempSync(join(tmpdir(), 'local-aws-table-'));
  const service = await startDynamoDb({
    directory,
    tables: [table],
    region: REGION,
    account: ACCOUNT,
  });
  const stop = async (): Promise<void> => {
    await service.close();
    rmSync(directory, { recursive: true, force: true });
  };
  return { url: service.url, accessKeyId: 'local', stop };
}

/** DynamoDB Local keeps the tables of each access key apart, so tests can run concurrently. */
async function useGiven(url: string, table: TableResource): Promise<Service> {
  const accessKeyId = `test${randomBytes(8).toString('hex')}`;
  const client = clientOf(url, accessKeyId);
  const name = { TableName: table.name };
  await client.send(
    new CreateTableCommand({
      ...name,
      KeySchema: [...table.keySchema],
      AttributeDefinitions: [...table.attributes],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  const stop = async (): Promise<void> => {
    await client.send(new DeleteTableCommand(name));
    client.destroy();
  };
  return { url, accessKeyId, stop };
}

const clientOf = (endpoint: string, accessKeyId: string): DynamoDBClient =>
  new DynamoDBClient({ endpoint, region: REGION, credentials: { accessKeyId, secretAccessKey: 'local' } });
