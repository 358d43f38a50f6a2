/** A table whose items expire. AWS deletes them within a few days, so an application must not rely on a deletion. */
import { DescribeTimeToLiveCommand, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  ScanCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';

import { startDynamoDbFixture, TABLE, type DynamoDbFixture } from '../../src/testing/dynamodb';

const TableName = 'leases';
const Key = { pk: 'expired', sk: 'x' };

let fixture: DynamoDbFixture;
let client: DynamoDBDocumentClient;
beforeAll(async () => {
  fixture = await startDynamoDbFixture([TABLE, { ...TABLE, name: TableName, ttlAttribute: 'expiresAt' }]);
  client = DynamoDBDocumentClient.from(fixture.client);
});
afterAll(() => fixture.close());

const described = async (name: string) =>
  (await client.send(new DescribeTimeToLiveCommand({ TableName: name }))).TimeToLiveDescription;

test("DescribeTimeToLive returns the template's time to live", async () => {
  expect(await described(TableName)).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'expiresAt' });
  expect(await described('control')).toEqual({ TimeToLiveStatus: 'DISABLED' });
  await expect(described('absent')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('UpdateTimeToLive is not supported', async () => {
  const TimeToLiveSpecification = { Enabled: false, AttributeName: 'expiresAt' };
  const update = new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification });
  await expect(client.send(update)).rejects.toThrow('The local DynamoDB does not support UpdateTimeToLive');
});

test('an expired item can still be read and written', async () => {
  const expiresAt = Math.floor(Date.now() / 1000) - 60;
  expect((await described(TableName))?.AttributeName).toBe('expiresAt');
  await client.send(new PutCommand({ TableName, Item: { ...Key, expiresAt } }));
  const revive = new UpdateCommand({
    ...{ TableName, Key },
    UpdateExpression: 'SET note = :note',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: { ':note': 'not deleted' },
  });
  await client.send(revive);
  const item = { ...Key, expiresAt, note: 'not deleted' };
  expect((await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }))).Item).toEqual(item);
  expect((await client.send(new ScanCommand({ TableName }))).Items).toEqual([item]);
});
