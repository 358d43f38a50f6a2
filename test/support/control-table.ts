/** The control table on the rehearsal's DynamoDB, reached by the real SDK. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
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

export async function startControlTable(): Promise<TestControlTable> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-control-'));
  const service = await startDynamoDb({ directory, tables: [TABLE], region: REGION, account: ACCOUNT });
  const plain = new DynamoDBClient({
    endpoint: service.url,
    region: REGION,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  return {
    client: DynamoDBDocumentClient.from(plain, { marshallOptions: { removeUndefinedValues: true } }),
    environment: {
      AWS_ENDPOINT_URL_DYNAMODB: service.url,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    },
    stop: async () => {
      plain.destroy();
      await service.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
