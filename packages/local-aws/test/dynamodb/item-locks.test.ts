import { setImmediate as turn } from 'node:timers/promises';

import { createItemLocks } from '../../src/dynamodb/item-locks';
import { TABLE } from '../../src/testing/dynamodb';

/** Returns the operations that start while no started operation ends, in their order. */
async function startedTogether(TableName: string): Promise<string[]> {
  const locks = createItemLocks([TABLE]);
  const started: string[] = [];
  let end: () => void = () => undefined;
  const ended = new Promise<void>((done) => (end = done));
  const key = { pk: { S: 'a' }, sk: { S: '1' } };
  const writes = [
    ['PutItem', { TableName, Item: { note: { S: 'x' }, ...key } }],
    ['UpdateItem', { TableName, Key: key }],
    ['DeleteItem', { TableName, Key: { ...key, sk: { S: '2' } } }],
  ] as const;
  const all = writes.map(([operation, request]) =>
    locks.hold(operation, request, async () => {
      started.push(operation);
      await ended;
    }),
  );
  await turn();
  const first = [...started];
  end();
  await Promise.all(all);
  expect(started).toHaveLength(3);
  return first;
}

test('an item has one writer at a time, and does not block other items', async () => {
  expect(await startedTogether('control')).toEqual(['PutItem', 'DeleteItem']);
});

test('a table whose key is unknown has one writer at a time', async () => {
  expect(await startedTogether('made-by-hand')).toEqual(['PutItem']);
});
