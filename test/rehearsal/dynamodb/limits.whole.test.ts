/** Limits of the service; with SLUICE_TEST_DYNAMODB_URL the same is asked of another DynamoDB. */
import {
  BatchGetCommand,
  BatchWriteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';

import { startControlTable, TABLE_NAME, type TestControlTable } from '../../support/control-table';

const KB = 1024;
const ITEM_BYTES_MAX = 400 * KB;

let table: TestControlTable;
beforeAll(async () => {
  table = await startControlTable();
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

/** An item of so many bytes, names of attributes included. */
const itemOf = (pk: string, bytes: number): Record<string, string> => {
  const whole = { pk, sk: 'x', text: '' };
  const others = Object.entries(whole).flat().join('').length;
  return { ...whole, text: 'x'.repeat(bytes - others) };
};

test('an item has 400 KB at most, its attribute names included', async () => {
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
])('the key %s has %i bytes at most', async (name, bytesMax) => {
  const key = { pk: 'key', sk: 'x' };
  expect(await refusal(put({ ...key, [name]: 'x'.repeat(bytesMax) }))).toBe('done');
  expect(await refusal(put({ ...key, [name]: 'x'.repeat(bytesMax + 1) }))).toMatch(/^ValidationException/);
  expect(await refusal(put({ ...key, [name]: '' }))).toMatch(/^ValidationException/);
});

test('an expression has 4 KB at most', async () => {
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

test('a batch has 25 writes or 100 reads at most', async () => {
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

test('a failed condition shows the item, if it was asked for and there is one', async () => {
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

test('an item whose time to live is over may still be read, and written', async () => {
  await put({ pk: 'expired', sk: 'x', ttl: 1 });
  expect(await get('expired')).toMatchObject({ ttl: 1 });
  const revive = new UpdateCommand({
    TableName: TABLE_NAME,
    Key: { pk: 'expired', sk: 'x' },
    UpdateExpression: 'SET note = :note',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: { ':note': 'still here' },
  });
  expect(await refusal(table.client.send(revive))).toBe('done');
});
