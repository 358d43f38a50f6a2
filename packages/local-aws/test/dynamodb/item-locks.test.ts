import { setImmediate as turn } from 'node:timers/promises';

import { createItemLocks } from '../../src/dynamodb/item-locks';
import { TABLE } from '../../src/testing/dynamodb';

/** Names of the writes in the order in which they began, while none that began was let end. */
async function begun(TableName: string): Promise<string[]> {
  const locks = createItemLocks([TABLE]);
  const began: string[] = [];
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
      began.push(operation);
      await ended;
    }),
  );
  await turn();
  const first = [...began];
  end();
  await Promise.all(all);
  expect(began).toHaveLength(3);
  return first;
}

test('one item is written by one at a time, others are not held up', async () => {
  expect(await begun('control')).toEqual(['PutItem', 'DeleteItem']);
});

test('of a table whose key is not known, so is every item', async () => {
  expect(await begun('made-by-hand')).toEqual(['PutItem']);
});
