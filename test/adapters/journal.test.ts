/** The journal is append-only and chained: edited, removed and inserted entries are noticed. */
import { DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { ControlTable } from '../../src/adapters/dynamodb/control-table';
import { startControlTable, TABLE_NAME, type TestControlTable } from '../support/control-table';

let table: TestControlTable;
let control: ControlTable;
let migrations = 0;
let migration: string;

const NOW_MS = Date.UTC(2026, 10, 22, 12);

beforeAll(async () => {
  table = await startControlTable();
  control = new ControlTable(table.client, TABLE_NAME, () => NOW_MS);
});
afterAll(() => table.stop());

beforeEach(async () => {
  migrations += 1;
  migration = `move-${migrations}`;
  await control.journal.append(migration, 1, 'started', { execution: 'first' });
  await control.journal.append(migration, 1, 'plan finished', {
    chunks: { 'shop.t': 3, 'shop.a': 1 },
    z: null,
    a: [1, { b: 2, a: 1 }],
  });
  await control.journal.append(migration, 1, 'backfill finished', { chunks: 4 });
  await control.journal.append(migration, 1, 'held');
});

const key = (number: number) => ({ pk: migration, sk: `journal#${String(number).padStart(10, '0')}` });
const broken = () => control.journal.firstBroken(migration);
const edit = (number: number, name: string, value: unknown) =>
  table.client.send(
    new UpdateCommand({
      TableName: TABLE_NAME,
      Key: key(number),
      UpdateExpression: 'SET #name = :value',
      ExpressionAttributeNames: { '#name': name },
      ExpressionAttributeValues: { ':value': value },
    }),
  );

test('entries are numbered, dated and chained', async () => {
  const entries = await control.journal.last(migration, 10);
  expect(entries.map(({ number, event }) => [number, event])).toEqual([
    [1, 'started'],
    [2, 'plan finished'],
    [3, 'backfill finished'],
    [4, 'held'],
  ]);
  expect(entries[0]).toMatchObject({
    at: '2026-11-22T12:00:00.000Z',
    generation: 1,
    previousHash: '0'.repeat(64),
  });
  entries.slice(1).forEach((entry, index) => expect(entry.previousHash).toBe(entries[index]!.hash));
  expect(await broken()).toBeNull();
});

test('the last entries are returned oldest first', async () => {
  expect((await control.journal.last(migration, 2)).map(({ number }) => number)).toEqual([3, 4]);
});

test.each([
  ['event', 'flip finished'],
  ['at', '2026-11-22T11:00:00.000Z'],
  ['generation', 2],
  ['evidence', { chunks: { 'shop.t': 2, 'shop.a': 1 }, z: null, a: [1, { b: 2, a: 1 }] }],
  ['number', 7],
  ['previousHash', 'f'.repeat(64)],
  ['hash', 'f'.repeat(64)],
])('an entry with another %s is noticed', async (name, value) => {
  await edit(2, name, value);
  expect(await broken()).toBe(2);
});

test('an entry that was edited and hashed again does not match the next one', async () => {
  const [, , third] = await control.journal.last(migration, 4);
  const other = new ControlTable(table.client, TABLE_NAME, () => NOW_MS);
  await table.client.send(new DeleteCommand({ TableName: TABLE_NAME, Key: key(4) }));
  await table.client.send(new DeleteCommand({ TableName: TABLE_NAME, Key: key(3) }));
  await table.client.send(new DeleteCommand({ TableName: TABLE_NAME, Key: key(2) }));
  await other.journal.append(migration, 1, 'plan finished', { chunks: { 'shop.t': 2 } });
  await table.client.send(new PutCommand({ TableName: TABLE_NAME, Item: { ...key(3), ...third } }));
  expect(await broken()).toBe(3);
});

test('a removed entry is noticed', async () => {
  await table.client.send(new DeleteCommand({ TableName: TABLE_NAME, Key: key(2) }));
  expect(await broken()).toBe(2);
});

test('the first entry cannot be removed either', async () => {
  await table.client.send(new DeleteCommand({ TableName: TABLE_NAME, Key: key(1) }));
  expect(await broken()).toBe(1);
});

test('an inserted entry is noticed', async () => {
  const entries = await control.journal.last(migration, 4);
  await table.client.send(
    new PutCommand({ TableName: TABLE_NAME, Item: { ...entries[1]!, ...key(2), event: 'nothing happened' } }),
  );
  expect(await broken()).toBe(2);
  await table.client.send(new PutCommand({ TableName: TABLE_NAME, Item: { ...entries[1]!, ...key(2) } }));
  await table.client.send(
    new PutCommand({
      TableName: TABLE_NAME,
      Item: { ...entries[1]!, pk: migration, sk: 'journal#00000000025' },
    }),
  );
  expect(await broken()).toBe(3);
});

test('concurrent writers create one chain with all of their entries', async () => {
  await Promise.all(
    Array.from({ length: 8 }, (_, writer) => control.journal.append(migration, 1, `event ${writer}`)),
  );
  expect(await broken()).toBeNull();
  expect(await control.journal.last(migration, 100)).toHaveLength(12);
});

test('undefined evidence does not break the chain', async () => {
  await control.journal.append(migration, 1, 'odd evidence', {
    missing: undefined,
    nested: { missing: undefined, small: 0.1 },
  });
  expect(await broken()).toBeNull();
});

test('each migration has its own chain', async () => {
  const first = migration;
  await edit(2, 'event', 'edited');
  await control.journal.append('another', 1, 'started');
  expect(await control.journal.firstBroken('another')).toBeNull();
  expect(await control.journal.firstBroken(first)).toBe(2);
});
