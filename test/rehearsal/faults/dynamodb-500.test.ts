/** A write that is answered with 500 and happened all the same, on the local DynamoDB, seen by a real SDK client. */
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

test('the caller hears 500, and the item is there', async () => {
  await expect(clientOf(1).send(putOnce('once'))).rejects.toMatchObject({
    name: 'InternalServerError',
    $metadata: { httpStatusCode: 500 },
  });
  expect(calls.map(({ operation }) => operation)).toEqual(['PutItem']);
  expect(await get('once')).toMatchObject({ pk: { S: 'once' } });
});

test('a client that tries again fails the condition by its own write', async () => {
  await expect(clientOf(2).send(putOnce('twice'))).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
    $metadata: { attempts: 2 },
  });
  expect(await get('twice')).toBeDefined();
});

test('what did not happen is answered as it was, and reads are left alone', async () => {
  await clientOf(1)
    .send(putOnce('there'))
    .catch(() => undefined);
  await expect(clientOf(1).send(putOnce('there'))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 400 },
  });
  expect(await get('there')).toBeDefined();
});
