/** Checks the limits of the service; with LOCAL_AWS_DYNAMODB_URL, of another DynamoDB. */
import type { ConsumedCapacity } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';

import { keyedTable, startTestTable, type TestTable } from '../../src/testing/table';

const TABLE_NAME = 'limits';

const KB = 1024;
const ITEM_BYTES_MAX = 400 * KB;

let table: TestTable;
beforeAll(async () => {
  table = await startTestTable(keyedTable(TABLE_NAME));
});
afterAll(() => table.stop());

const put = (item: Record<string, unknown>) =>
  table.client.send(new PutCommand({ TableName: TABLE_NAME, Item: item }));
const get = async (pk: string, sk = 'x') =>
  (await table.client.send(new GetCommand({ TableName: TABLE_NAME, Key: { pk, sk }, ConsistentRead: true })))
    .Item;
const refusal = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'done',
    (error: Error) => `${error.name}: ${error.message}`,
  );

/** Returns an item of that size, including its attribute names. */
const itemOf = (pk: string, bytes: number): Record<string, string> => {
  const whole = { pk, sk: 'x', text: '' };
  const others = Object.entries(whole).flat().join('').length;
  return { ...whole, text: 'x'.repeat(bytes - others) };
};

test('an item has at most 400 KB, including its attribute names', async () => {
  expect(await refusal(put(itemOf('large', ITEM_BYTES_MAX)))).toBe('done');
  expect(await refusal(put(itemOf('large', ITEM_BYTES_MAX + 1)))).toMatch(/^ValidationException: Item size/);
  const grow = new UpdateCommand({
    TableName: TABLE_NAME,
    Key: { pk: 'large', sk: 'x' },
    UpdateExpression: 'SET more = :more',
    ExpressionAttributeValues: { ':more': 'x' },
  });
  expect(await refusal(table.client.send(grow))).toMatch(/^ValidationException: Item size/);
  expect(Object.keys((await get('large')) ?? {}).sort()).toEqual(['pk', 'sk', 'text']);
});

test.each([
  ['pk', 2_048],
  ['sk', 1_024],
])('the key %s has at most %i bytes', async (name, bytesMax) => {
  const key = { pk: 'key', sk: 'x' };
  expect(await refusal(put({ ...key, [name]: 'x'.repeat(bytesMax) }))).toBe('done');
  expect(await refusal(put({ ...key, [name]: 'x'.repeat(bytesMax + 1) }))).toMatch(/^ValidationException/);
  expect(await refusal(put({ ...key, [name]: '' }))).toMatch(/^ValidationException/);
});

test('an expression has at most 4 KB', async () => {
  const update = (bytes: number) => {
    const shell = 'SET a = :v';
    return table.client.send(
      new UpdateCommand({
        TableName: TABLE_NAME,
        Key: { pk: 'expression', sk: 'x' },
        UpdateExpression: shell.replace(' = ', `${' '.repeat(bytes - shell.length)} = `),
        ExpressionAttributeValues: { ':v': 1 },
      }),
    );
  };
  expect(await refusal(update(4 * KB))).toBe('done');
  expect(await refusal(update(4 * KB + 1))).toMatch(/^ValidationException/);
});

test('a page of a query ends at 1 MB', async () => {
  for (let sk = 0; sk < 5; sk += 1) await put({ ...itemOf('pages', 300 * KB), sk: `${sk}` });
  const page = (start?: Record<string, unknown>) =>
    table.client.send(
      new QueryCommand({
        TableName: TABLE_NAME,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': 'pages' },
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }),
    );
  const first = await page();
  expect(first.Items?.length).toBeLessThan(5);
  expect(first.LastEvaluatedKey).toMatchObject({ pk: 'pages' });
  const rest = await page(first.LastEvaluatedKey);
  expect([...(first.Items ?? []), ...(rest.Items ?? [])].map(({ sk }) => sk as unknown)).toEqual([
    ...['0', '1', '2', '3', '4'],
  ]);
});

test('a batch has at most 25 writes or 100 reads', async () => {
  const keys = (count: number) => Array.from({ length: count }, (_, sk) => ({ pk: 'batch', sk: `${sk}` }));
  const write = (count: number) =>
    table.client.send(
      new BatchWriteCommand({
        RequestItems: { [TABLE_NAME]: keys(count).map((Item) => ({ PutRequest: { Item } })) },
      }),
    );
  const read = (count: number) =>
    table.client.send(new BatchGetCommand({ RequestItems: { [TABLE_NAME]: { Keys: keys(count) } } }));
  expect(await refusal(write(25))).toBe('done');
  expect(await refusal(write(26))).toMatch(/^ValidationException/);
  expect((await read(100)).Responses?.[TABLE_NAME]).toHaveLength(25);
  expect(await refusal(read(101))).toMatch(/^ValidationException/);
});

test('a failed condition returns the existing item on request', async () => {
  await put({ pk: 'shown', sk: 'x', owner: 'first' });
  const claim = (pk: string, shown: 'ALL_OLD' | 'NONE') =>
    table.client
      .send(
        new PutCommand({
          TableName: TABLE_NAME,
          Item: { pk, sk: 'x', owner: 'second' },
          ConditionExpression: '#o = :me',
          ExpressionAttributeNames: { '#o': 'owner' },
          ExpressionAttributeValues: { ':me': 'second' },
          ReturnValuesOnConditionCheckFailure: shown,
        }),
      )
      .then(
        () => 'done',
        (error: Error & { Item?: unknown }) => [error.name, error.Item],
      );
  const item = { pk: { S: 'shown' }, sk: { S: 'x' }, owner: { S: 'first' } };
  expect(await claim('shown', 'ALL_OLD')).toEqual(['ConditionalCheckFailedException', item]);
  expect(await claim('shown', 'NONE')).toEqual(['ConditionalCheckFailedException', undefined]);
  expect(await claim('absent', 'ALL_OLD')).toEqual(['ConditionalCheckFailedException', undefined]);
});

test('consumed units: 1 per KB written, 1 per 4 KB read, half of that for eventually consistent reads', async () => {
  const of = { TableName: TABLE_NAME, ReturnConsumedCapacity: 'TOTAL' as const };
  const Key = { pk: 'units', sk: 'x' };
  const unitsOf = async (sent: Promise<{ ConsumedCapacity?: ConsumedCapacity | undefined }>) =>
    (await sent).ConsumedCapacity?.CapacityUnits;
  const puts = (bytes: number) =>
    unitsOf(table.client.send(new PutCommand({ ...of, Item: itemOf('units', bytes) })));
  const updates = (key: typeof Key, text: string) =>
    unitsOf(
      table.client.send(
        new UpdateCommand({
          ...{ ...of, Key: key, UpdateExpression: 'SET #t = :t' },
          ...{ ExpressionAttributeNames: { '#t': 'text' }, ExpressionAttributeValues: { ':t': text } },
        }),
      ),
    );
  const gets = (key: typeof Key, ConsistentRead: boolean) =>
    unitsOf(
      table.client.send(new GetCommand({ ...of, Key: key, ConsistentRead, ProjectionExpression: 'pk' })),
    );
  const queries = (ConsistentRead: boolean) =>
    unitsOf(
      table.client.send(
        new QueryCommand({
          ...{ ...of, ConsistentRead, KeyConditionExpression: 'pk = :pk' },
          ...{
            FilterExpression: 'attribute_exists(noSuchThing)',
            ExpressionAttributeValues: { ':pk': 'units' },
          },
        }),
      ),
    );
  const deletes = (key: typeof Key) => unitsOf(table.client.send(new DeleteCommand({ ...of, Key: key })));

  expect([await puts(2 * KB), await puts(2 * KB + 1)]).toEqual([2, 3]);
  // The larger of the items before and after the write counts.
  expect([await puts(KB), await puts(KB)]).toEqual([3, 1]);
  expect([await updates(Key, 'x'.repeat(3 * KB)), await updates(Key, 'x')]).toEqual([4, 4]);
  expect([await updates(Key, 'y'), await updates({ pk: 'units', sk: 'new' }, 'y')]).toEqual([1, 1]);
  await puts(8 * KB);
  expect([await gets(Key, true), await gets(Key, false)]).toEqual([2, 1]);
  await puts(8 * KB + 1);
  expect([await gets(Key, true), await gets(Key, false)]).toEqual([3, 1.5]);
  const absent = { pk: 'units', sk: 'absent' };
  expect([await gets(absent, true), await gets(absent, false)]).toEqual([1, 0.5]);
  // The sum of all evaluated items counts, even of those that the filter discards.
  expect([await queries(true), await queries(false)]).toEqual([3, 1.5]);
  expect([await deletes(Key), await deletes(absent)]).toEqual([9, 1]);
});
