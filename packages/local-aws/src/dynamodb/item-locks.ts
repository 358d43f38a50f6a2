import type { TableResource } from '../assembly';

/** One writer at a time per item, so that the answer to a failed condition can show the very item that failed it. */
export interface ItemLocks {
  hold<T>(operation: string, request: Readonly<Record<string, unknown>>, work: () => Promise<T>): Promise<T>;
}

type Item = Readonly<Record<string, unknown>>;

export function createItemLocks(tables: readonly TableResource[]): ItemLocks {
  const keys = new Map(
    tables.map(({ name, keySchema }) => [name, keySchema.map((part) => String(part.AttributeName))]),
  );
  /** The last holder of each item that somebody holds or awaits. */
  const tails = new Map<string, Promise<void>>();

  // Of a table that is not the template's the key is not known: one writer at a time of any item.
  const nameOf = (table: string, item: Item): string =>
    JSON.stringify([table, ...(keys.get(table) ?? []).map((part) => item[part])]);

  const acquire = async (name: string): Promise<() => void> => {
    const before = tails.get(name);
    let release: () => void = () => undefined;
    const tail = new Promise<void>((done) => {
      release = () => {
        if (tails.get(name) === tail) tails.delete(name);
        done();
      };
    });
    tails.set(name, tail);
    await before;
    return release;
  };

  return {
    hold: async (operation, request, work) => {
      const items = operation === 'BatchWriteItem' ? batchItems(request) : [singleItem(request)];
      // In one order for everybody, so that two batches cannot wait for each other.
      const names = [...new Set(items.map(({ table, item }) => nameOf(table, item)))].sort();
      const releases: (() => void)[] = [];
      try {
        for (const name of names) releases.push(await acquire(name));
        return await work();
      } finally {
        releases.forEach((release) => release());
      }
    },
  };
}

function singleItem({ TableName, Key, Item }: Readonly<Record<string, unknown>>): {
  table: string;
  item: Item;
} {
  return { table: String(TableName), item: (Key ?? Item ?? {}) as Item };
}

function batchItems({ RequestItems }: Readonly<Record<string, unknown>>): { table: string; item: Item }[] {
  type Write = { PutRequest?: { Item: Item }; DeleteRequest?: { Key: Item } };
  const tables = Object.entries((RequestItems ?? {}) as Readonly<Record<string, Write[]>>);
  return tables.flatMap(([table, writes]) =>
    writes.map((write) => ({ table, item: write.PutRequest?.Item ?? write.DeleteRequest?.Key ?? {} })),
  );
}
