/** A write that DynamoDB executes, although it returns 500, as a real SDK client sees it. */
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';

import { CAN_DISTURB, createInterceptor } from '../../../src/rehearsal/faults/calls';
import type { Call } from '../../../src/rehearsal/faults/proxy/call';
import { startProxy, type Proxy } from '../../../src/rehearsal/faults/proxy/proxy';
import { startDynamoDbFixture, type DynamoDbFixture } from 'local-aws/testing';

let dynamodb: DynamoDbFixture;
let proxy: Proxy;
let calls: Call[];
beforeAll(async () => {
  dynamodb = await startDynamoDbFixture();
  proxy = await startProxy((call) => {
    calls.push(call);
    if (CAN_DISTURB['dynamodb-500']?.(call) !== true) return undefined;
    return createInterceptor('dynamodb-500', {
      ...{ fraction: () => 0.1, kill: () => undefined, makeUnavailable: () => undefined },
      wait: async () => undefined,
    });
  });
});
afterAll(async () => {
  await proxy.close();
  await dynamodb.close();
});
beforeEach(() => (calls = []));

const clientOf = (maxAttempts: number): DynamoDBClient =>
  new DynamoDBClient({
    endpoint: proxy.endpointsFor('copy', { AWS_ENDPOINT_URL_DYNAMODB: dynamodb.service.url })[
      'AWS_ENDPOINT_URL_DYNAMODB'
    ]!,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts,
  });
const putOnce = (pk: string): PutItemCommand =>
  new PutItemCommand({
    TableName: 'control',
    Item: { pk: { S: pk }, sk: { S: 'x' } },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
const get = async (pk: string) => {
  const Key = { pk: { S: pk }, sk: { S: 'x' } };
  return (await clientOf(1).send(new GetItemCommand({ TableName: 'control', Key, ConsistentRead: true })))
    .Item;
};

test('the caller receives 500, and the item exists', async () => {
  await expect(clientOf(1).send(putOnce('once'))).rejects.toMatchObject({
    name: 'InternalServerError',
    $metadata: { httpStatusCode: 500 },
  });
  expect(calls.map(({ operation }) => operation)).toEqual(['PutItem']);
  expect(await get('once')).toMatchObject({ pk: { S: 'once' } });
});

test('a client that retries fails the condition because of its own write', async () => {
  await expect(clientOf(2).send(putOnce('twice'))).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
    $metadata: { attempts: 2 },
  });
  expect(await get('twice')).toBeDefined();
});

test('a failed write returns its own error, and reads are unchanged', async () => {
  await clientOf(1)
    .send(putOnce('existing'))
    .catch(() => undefined);
  await expect(clientOf(1).send(putOnce('existing'))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 400 },
  });
  expect(await get('existing')).toBeDefined();
});
