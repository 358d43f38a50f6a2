/** Checks the throughput of one partition key. */
import type { TableResource } from '../../src/assembly';
import { Partitions } from '../../src/dynamodb/partitions';

const table = (changes: Partial<TableResource> = {}): TableResource => ({
  logicalId: 'Control',
  name: 'control',
  arn: 'arn:aws:dynamodb:eu-west-1:111122223333:table/control',
  keySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  attributes: [],
  billingMode: 'PAY_PER_REQUEST',
  provisionedThroughput: undefined,
  globalIndexes: [],
  localIndexes: [],
  ...changes,
});
const keyOf = (pk: string) => ({ TableName: 'control', Key: { pk: { S: pk }, sk: { S: 'x' } } });

let nowMs: number;
beforeEach(() => (nowMs = 0));
const partitions = (changes?: Partial<TableResource>) => new Partitions([table(changes)], () => nowMs);

test('a key has 1,000 write units per second, for all operations together, and does not affect other keys', () => {
  const all = partitions();
  const put = { TableName: 'control', Item: { pk: { S: 'hot' }, sk: { S: 'y' } } };
  all.charge('UpdateItem', keyOf('hot'), 999);
  expect(all.refusal('PutItem', put)).toBeUndefined();
  all.charge('PutItem', put, 1);
  expect(all.refusal('UpdateItem', keyOf('hot'))).toEqual({
    name: 'ThrottlingException',
    message: expect.stringContaining('more than 1000 write units per second') as string,
    reasons: [{ reason: 'TableWriteKeyRangeThroughputExceeded', resource: table().arn }],
  });
  expect(all.refusal('UpdateItem', keyOf('cold'))).toBeUndefined();
  expect(all.refusal('GetItem', keyOf('hot'))).toBeUndefined();
  nowMs += 1;
  expect(all.refusal('UpdateItem', keyOf('hot'))).toBeUndefined();
});

test('unused units are not saved', () => {
  const all = partitions();
  nowMs += 300_000;
  all.charge('DeleteItem', keyOf('hot'), 1_000);
  expect(all.refusal('DeleteItem', keyOf('hot'))).toBeDefined();
});

test.each([
  { KeyConditionExpression: 'pk = :m AND sk = :s' },
  { KeyConditionExpression: ':m=#p and begins_with(sk, :s)', ExpressionAttributeNames: { '#p': 'pk' } },
])('a key has 3,000 read units per second, including queries such as %j', (condition) => {
  const all = partitions({ billingMode: 'PROVISIONED' });
  const query = {
    TableName: 'control',
    ExpressionAttributeValues: { ':m': { S: 'hot' }, ':s': { S: 'x' } },
    ...condition,
  };
  all.charge('Query', query, 2_999.5);
  expect(all.refusal('GetItem', keyOf('hot'))).toBeUndefined();
  all.charge('GetItem', keyOf('hot'), 0.5);
  expect(all.refusal('Query', query)).toMatchObject({
    name: 'ProvisionedThroughputExceededException',
    reasons: [{ reason: 'TableReadKeyRangeThroughputExceeded' }],
  });
});

test('a batch is charged to each of its keys, and throttled by the hottest', () => {
  const all = partitions();
  const batch = (...names: string[]) => ({
    RequestItems: { control: names.map((pk) => ({ PutRequest: { Item: { pk: { S: pk } } } })) },
  });
  all.charge('BatchWriteItem', batch('a', 'b'), 2_000);
  expect(all.refusal('BatchWriteItem', batch('c', 'b'))).toBeDefined();
  expect(all.refusal('BatchWriteItem', batch('c'))).toBeUndefined();
  expect(all.refusal('Scan', { TableName: 'control' })).toBeUndefined();
});
