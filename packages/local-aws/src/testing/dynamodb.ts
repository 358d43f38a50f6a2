/** Starts the local DynamoDB on a temporary directory, and an SDK client without retries. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { TableResource } from '../assembly';
import { startDynamoDb, type DynamoDb } from '../dynamodb';

export const TABLE: TableResource = {
  logicalId: 'Control',
  name: 'control',
  arn: 'arn:aws:dynamodb:eu-west-1:111122223333:table/control',
  keySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  attributes: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
    { AttributeName: 'state', AttributeType: 'S' },
  ],
  billingMode: 'PAY_PER_REQUEST',
  provisionedThroughput: undefined,
  globalIndexes: [
    {
      IndexName: 'byState',
      KeySchema: [{ AttributeName: 'state', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
  localIndexes: [],
};

export interface DynamoDbFixture {
  readonly service: DynamoDb;
  readonly client: DynamoDBClient;
  readonly close: () => Promise<void>;
}

export async function startDynamoDbFixture(
  tables: readonly TableResource[] = [TABLE],
): Promise<DynamoDbFixture> {
  const directory = mkdtempSync(join(tmpdir(), 'local-aws-dynamodb-'));
  const service = await startDynamoDb({ directory, tables, region: 'eu-west-1', account: '111122223333' });
  const client = new DynamoDBClient({
    endpoint: service.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  const close = async (): Promise<void> => {
    client.destroy();
    await service.close();
    rmSync(directory, { recursive: true });
  };
  return { service, client, close };
}
