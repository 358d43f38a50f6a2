/** A frozen definition is stored by its content, in parts that fit into items, and a damaged one is never used. */
import { DeleteCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { ControlTable } from '../../src/adapters/dynamodb/control-table';
import { defineMigration, type TableMapping } from '../../src/core/definition/definition';
import { freezeDefinition, type FrozenDefinition } from '../../src/core/definition/frozen-definition';
import { InconsistentLedger } from '../../src/core/errors';
import { startControlTable, TABLE_NAME, type TestControlTable } from '../support/control-table';
import { endpoint } from '../support/world';

/** An item has at most 400 KB. */
const ITEM_BYTES_MAX = 400_000;

let table: TestControlTable;
let control: ControlTable;
let migrations = 0;
let migration: string;

beforeAll(async () => {
  table = await startControlTable();
  control = new ControlTable(table.client, TABLE_NAME);
});
afterAll(() => table.stop());
beforeEach(() => {
  migrations += 1;
  migration = `frozen-${migrations}`;
});

/** Every table with a mapping of its own; the names use characters of two and four bytes. */
function definitionOf(tables: number, note = ''): FrozenDefinition {
  const mapping = (_: unknown, index: number): TableMapping => ({
    source: `public."größe 🐘 ${index}"`,
    target: `next.table_${index}`,
    columns: Object.fromEntries(
      Array.from({ length: 12 }, (__, column) => [`new_${column}`, `old_${column}`]),
    ),
    omit: ['legacy', 'notes'],
    where: `status <> 'gelöscht${note}' AND tenant = ${index}`,
  });
  const definition = defineMigration({
    name: migration,
    shape: 'cdc',
    source: { test: endpoint('source'), prod: endpoint('source') },
    target: { test: endpoint('target'), prod: endpoint('target') },
    tables: Array.from({ length: tables }, mapping),
  });
  return freezeDefinition(definition, {
    ...{ source: endpoint('source'), target: endpoint('target') },
    schemaTexts: [],
  });
}

const parts = async (): Promise<Record<string, unknown>[]> => {
  const { Items } = await table.client.send(
    new QueryCommand({
      TableName: TABLE_NAME,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
      ExpressionAttributeValues: { ':pk': migration, ':sk': 'definition#' },
    }),
  );
  return Items ?? [];
};

test('a definition of 1,000 tables with mappings is stored in parts that each fit into an item', async () => {
  const definition = definitionOf(1_000);
  const ref = await control.definitions.store(migration, definition);
  const stored = await parts();
  expect(ref.parts).toBeGreaterThan(1);
  expect(stored.map(({ sk }) => sk)).toEqual(
    Array.from(
      { length: ref.parts },
      (_, part) => `definition#${ref.hash}#${String(part).padStart(10, '0')}`,
    ),
  );
  for (const item of stored) expect(Buffer.byteLength(JSON.stringify(item))).toBeLessThan(ITEM_BYTES_MAX);
  expect(await control.definitions.read(migration, ref)).toEqual(JSON.parse(JSON.stringify(definition)));
});

test('storing the same definition again changes nothing; another one has parts of its own', async () => {
  const first = await control.definitions.store(migration, definitionOf(1));
  const before = await parts();
  expect(await control.definitions.store(migration, definitionOf(1))).toEqual(first);
  expect(await parts()).toEqual(before);
  const second = await control.definitions.store(migration, definitionOf(1, ' '));
  expect(second.hash).not.toBe(first.hash);
  expect(await parts()).toHaveLength(2);
});

test('it names the endpoints of its own environment only', async () => {
  const ref = await control.definitions.store(migration, definitionOf(1));
  expect(JSON.stringify(await parts())).not.toContain('prod');
  expect((await control.definitions.read(migration, ref)).source).toEqual(endpoint('source'));
});

describe('a damaged definition is refused', () => {
  const keyOf = async (part: number) => {
    const { pk, sk } = (await parts())[part]!;
    return { TableName: TABLE_NAME, Key: { pk, sk } };
  };

  test('if a part is missing', async () => {
    const ref = await control.definitions.store(migration, definitionOf(1_000, 'a'));
    await table.client.send(new DeleteCommand(await keyOf(1)));
    await expect(control.definitions.read(migration, ref)).rejects.toThrow(InconsistentLedger);
    await expect(control.definitions.read(migration, ref)).rejects.toThrow(
      `part 2 of ${ref.parts} of the frozen definition ${ref.hash} of migration ${migration} is missing`,
    );
  });

  test('if a part was changed, whether it is read or stored again', async () => {
    const definition = definitionOf(1, 'b');
    const ref = await control.definitions.store(migration, definition);
    const text = String((await parts())[0]!.text).replace('next.table_0', 'next.table_9');
    const change = { UpdateExpression: 'SET #t = :t', ExpressionAttributeNames: { '#t': 'text' } };
    await table.client.send(
      new UpdateCommand({ ...(await keyOf(0)), ...change, ExpressionAttributeValues: { ':t': text } }),
    );
    await expect(control.definitions.read(migration, ref)).rejects.toThrow(/was changed\. Restore its items/);
    await expect(control.definitions.store(migration, definition)).rejects.toThrow(/was changed/);
  });
});
