import type { TableResource } from '../../src/assembly/tables';
import {
  ConditionalCheckFailedException,
  DescribeTableCommand,
  DynamoDBClient,
  ThrottlingException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startDynamoDb, type DynamoDb } from '../../src/dynamodb';
import { OPERATIONS } from '../../src/dynamodb/operations';
import { TABLE } from '../../src/testing/dynamodb';

let directory: string;
let service: DynamoDb;
let client: DynamoDBDocumentClient;

const start = async (tables = [TABLE], nowMs = (): number => performance.now()): Promise<void> => {
  service = await startDynamoDb({ directory, tables, region: 'eu-west-1', account: '111122223333', nowMs });
  client = DynamoDBDocumentClient.from(
    new DynamoDBClient({
      endpoint: service.url,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    }),
  );
};

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'local-aws-dynamodb-'));
  await start();
});
afterEach(async () => {
  client.destroy();
  await service.close();
  rmSync(directory, { recursive: true });
});

const put = (item: Record<string, unknown>) =>
  client.send(new PutCommand({ TableName: 'control', Item: item }));
const get = async (Key: Record<string, string>) =>
  (await client.send(new GetCommand({ TableName: 'control', Key, ConsistentRead: true }))).Item;

test("the template's table exists immediately, with its indexes and ARN", async () => {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: 'control' }));
  expect(Table).toMatchObject({ TableStatus: 'ACTIVE', TableArn: TABLE.arn, KeySchema: TABLE.keySchema });
  await put({ pk: 'a', sk: '1', state: 'open' });
  const { Items } = await client.send(
    new QueryCommand({
      TableName: 'control',
      IndexName: 'byState',
      KeyConditionExpression: '#s = :s',
      ExpressionAttributeNames: { '#s': 'state' },
      ExpressionAttributeValues: { ':s': 'open' },
    }),
  );
  expect(Items).toEqual([{ pk: 'a', sk: '1', state: 'open' }]);
});

test('items survive a restart on the same directory', async () => {
  await put({ pk: 'a', sk: '1', note: 'kept' });
  client.destroy();
  await service.close();
  await start();
  expect(await get({ pk: 'a', sk: '1' })).toEqual({ pk: 'a', sk: '1', note: 'kept' });
});

const [INDEX] = TABLE.globalIndexes;
const LOCAL = {
  IndexName: 'local',
  KeySchema: [TABLE.keySchema[0]!, { AttributeName: 'state', KeyType: 'RANGE' as const }],
  Projection: { ProjectionType: 'ALL' as const },
};

test.each<[string, Partial<TableResource>, string]>([
  [
    'another key',
    { keySchema: TABLE.keySchema.slice(0, 1), attributes: TABLE.attributes.slice(0, 1), globalIndexes: [] },
    'the key [{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}], but the template declares [{',
  ],
  [
    'another type of a key',
    { attributes: TABLE.attributes.map((each) => ({ ...each, AttributeType: 'N' as const })) },
    'the attributes ["pk S","sk S","state S"], but the template declares ["pk N","sk N","state N"]',
  ],
  ['one index fewer', { globalIndexes: [] }, 'the global indexes [{"IndexName":"byState",'],
  [
    'an index with fewer attributes',
    { globalIndexes: [{ ...INDEX!, Projection: { ProjectionType: 'KEYS_ONLY' } }] },
    '"ProjectionType":"ALL","NonKeyAttributes":[]}], but the template declares',
  ],
  [
    'another key of an index',
    {
      globalIndexes: [
        { ...INDEX!, KeySchema: [...INDEX!.KeySchema!, { AttributeName: 'pk', KeyType: 'RANGE' }] },
      ],
    },
    'but the template declares [{"IndexName":"byState","KeySchema":[{"AttributeName":"state","KeyType":"HASH"},{"AttributeName":"pk"',
  ],
  [
    'one more local index',
    { localIndexes: [LOCAL] },
    'the local indexes [], but the template declares [{"IndexName":"local"',
  ],
  [
    'another billing mode',
    { billingMode: 'PROVISIONED' },
    'the billing mode "PAY_PER_REQUEST", but the template declares',
  ],
])('a directory whose table has %s is refused', async (_what, changes, problem) => {
  await service.close();
  const { message } = await start([{ ...TABLE, ...changes }]).then(
    () => new Error('the directory was accepted'),
    (error: Error) => error,
  );
  expect(message).toMatch(/^Table control was created with .* Start with a new state directory\.$/);
  expect(message).toContain(problem);
  await start();
});

test('a table with all kinds of indexes is unchanged after a restart, regardless of their order in the template', async () => {
  await service.close();
  rmSync(directory, { recursive: true });
  const second = {
    ...INDEX!,
    IndexName: 'another',
    Projection: { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: ['b', 'a'] },
  };
  const table = { ...TABLE, globalIndexes: [INDEX!, second], localIndexes: [LOCAL] };
  await start([table]);
  client.destroy();
  await service.close();
  const swapped = { ...second, Projection: { ...second.Projection, NonKeyAttributes: ['a', 'b'] } };
  await start([{ ...table, attributes: [...TABLE.attributes].reverse(), globalIndexes: [swapped, INDEX!] }]);
});

test('exactly one of many conditional writes to an item succeeds, and the others get its item', async () => {
  await put({ pk: 'm', sk: 'm', writes: 'fenced' });
  const attempts = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) =>
      client.send(
        new UpdateCommand({
          TableName: 'control',
          Key: { pk: 'm', sk: 'm' },
          UpdateExpression: 'SET writes = :mine',
          ConditionExpression: 'writes = :fenced',
          ExpressionAttributeValues: { ':mine': `target-${index}`, ':fenced': 'fenced' },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      ),
    ),
  );
  const winner = await get({ pk: 'm', sk: 'm' });
  const losers = attempts
    .filter((attempt) => attempt.status === 'rejected')
    .map(({ reason }) => reason as unknown);
  expect(losers).toHaveLength(19);
  for (const loser of losers) {
    expect(loser).toBeInstanceOf(ConditionalCheckFailedException);
    expect((loser as ConditionalCheckFailedException).Item).toEqual({
      pk: { S: 'm' },
      sk: { S: 'm' },
      writes: { S: winner?.['writes'] as string },
    });
  }
  expect(service.counters()).toMatchObject({ conditionFailures: 19, requests: { UpdateItem: 20 } });
});

test('unsupported operations and parameters are refused, not ignored', async () => {
  const transaction = new TransactWriteItemsCommand({
    TransactItems: [{ Delete: { TableName: 'control', Key: { pk: { S: 'a' }, sk: { S: 'a' } } } }],
  });
  await expect(client.send(transaction)).rejects.toThrow(
    'The local DynamoDB does not support TransactWriteItems',
  );
  const legacy = new UpdateItemCommand({
    TableName: 'control',
    Key: { pk: { S: 'a' }, sk: { S: 'a' } },
    AttributeUpdates: { note: { Value: { S: 'x' } } },
  });
  await expect(client.send(legacy)).rejects.toThrow('UpdateItem does not support AttributeUpdates');
});

test('consumed units are counted by the size of the items', async () => {
  await put({ pk: 'a', sk: '1', text: 'x'.repeat(2500) });
  await get({ pk: 'a', sk: '1' });
  const { readUnits, writeUnits, requests } = service.counters();
  expect({ readUnits, writeUnits, requests }).toEqual({
    readUnits: 1,
    writeUnits: 3,
    requests: { PutItem: 1, GetItem: 1 },
  });
});

test('a failed condition consumes the units of the existing item, or 1 if there is none', async () => {
  const failed = async (pk: string): Promise<number> => {
    const before = service.counters();
    const text = 'x'.repeat(9 * 1024);
    const put = new PutCommand({
      TableName: 'control',
      Item: { pk, sk: '1', text },
      ConditionExpression: 'attribute_exists(absent)',
    });
    await expect(client.send(put)).rejects.toBeInstanceOf(ConditionalCheckFailedException);
    expect(service.counters()).toMatchObject({
      readUnits: before.readUnits,
      conditionFailures: before.conditionFailures + 1,
    });
    return service.counters().writeUnits - before.writeUnits;
  };
  expect(await failed('a')).toBe(1);
  await put({ pk: 'a', sk: '1', text: 'x' });
  expect(await failed('a')).toBe(1);
  await put({ pk: 'a', sk: '1', text: 'x'.repeat(4 * 1024) });
  expect(await failed('a')).toBe(5);
});

test('a few failed conditions on a large item exhaust its key', async () => {
  client.destroy();
  await service.close();
  await start([TABLE], () => 0);
  await put({ pk: 'hot', sk: '1', text: 'x'.repeat(390 * 1024) });
  const fail = () =>
    client
      .send(
        new UpdateCommand({
          TableName: 'control',
          Key: { pk: 'hot', sk: '1' },
          UpdateExpression: 'SET note = :note',
          ConditionExpression: 'attribute_not_exists(pk)',
          ExpressionAttributeValues: { ':note': 'x' },
        }),
      )
      .catch((error: Error) => error.name);
  expect([await fail(), await fail(), await fail()]).toEqual([
    'ConditionalCheckFailedException',
    'ConditionalCheckFailedException',
    'ThrottlingException',
  ]);
});

test('a scan is counted by its requested consistency', async () => {
  await put({ pk: 'a', sk: '1' });
  const scan = async (ConsistentRead: boolean): Promise<number | undefined> => {
    const request = { TableName: 'control', ConsistentRead, ReturnConsumedCapacity: 'TOTAL' as const };
    return (await client.send(new ScanCommand(request))).ConsumedCapacity?.CapacityUnits;
  };
  expect([await scan(true), await scan(false)]).toEqual([1, 0.5]);
  expect(service.counters().readUnits).toBe(1.5);
});

test('only parameters that dynalite supports are passed on, because it silently drops others', () => {
  const handledHere = ['ReturnValuesOnConditionCheckFailure', 'Scan.ConsistentRead'];
  for (const [operation, parameters] of Object.entries(OPERATIONS)) {
    const file = `dynalite/validations/${operation.charAt(0).toLowerCase()}${operation.slice(1)}`;
    const { types } = createRequire(__filename)(file) as { types: object };
    const dropped = parameters.filter((name) => !(name in types));
    const unexpected = dropped.filter(
      (name) => ![name, `${operation}.${name}`].some((each) => handledHere.includes(each)),
    );
    expect([operation, unexpected]).toEqual([operation, []]);
  }
});

test('a hot key is throttled with the reason, and the SDK retries', async () => {
  client.destroy();
  await service.close();
  let nowMs = 0;
  await start([TABLE], () => nowMs);
  const withoutRetries = new DynamoDBClient({
    endpoint: service.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  const large = { TableName: 'control', Item: { pk: 'hot', sk: '1', text: 'x'.repeat(334 * 1024) } };
  for (let writes = 0; writes < 3; writes += 1) await client.send(new PutCommand(large));
  const refused = await DynamoDBDocumentClient.from(withoutRetries)
    .send(new PutCommand(large))
    .catch((error: unknown) => error);
  withoutRetries.destroy();
  expect(refused).toBeInstanceOf(ThrottlingException);
  expect(refused).toMatchObject({
    $metadata: { httpStatusCode: 400, attempts: 1 },
    throttlingReasons: [{ reason: 'TableWriteKeyRangeThroughputExceeded', resource: TABLE.arn }],
  });
  await put({ pk: 'cold', sk: '1' });
  const retried = client.send(new PutCommand({ ...large, Item: { pk: 'hot', sk: '2' } }));
  nowMs = 1_000;
  expect((await retried).$metadata.httpStatusCode).toBe(200);
  expect(service.counters().throttles).toBeGreaterThan(0);
});

test('the consumption is returned only on request', async () => {
  const item = { TableName: 'control', Item: { pk: 'a', sk: '1' } };
  expect((await client.send(new PutCommand(item))).ConsumedCapacity).toBeUndefined();
  const response = await client.send(new PutCommand({ ...item, ReturnConsumedCapacity: 'TOTAL' }));
  expect(response.ConsumedCapacity).toMatchObject({ CapacityUnits: 1, TableName: 'control' });
});
