import type { TableResource } from '../assembly';

/** Allows one writer per item at a time, so that the error of a failed condition can contain exactly that item. */
export interface ItemLocks {
  /** Replaces the tables whose keys are known. */
  know(tables: readonly TableResource[]): void;
  hold<T>(operation: string, request: Readonly<Record<string, unknown>>, work: () => Promise<T>): Promise<T>;
}

type Item = Readonly<Record<string, unknown>>;

export function createItemLocks(tables: readonly TableResource[]): ItemLocks {
  const keysOf = (known: readonly TableResource[]) =>
    new Map(known.map(({ name, keySchema }) => [name, keySchema.map((part) => String(part.AttributeName))]));
  let keys = keysOf(tables);
  /** The last request in the queue of each item that is locked. */
  const tails = new Map<string, Promise<void>>();

  // The key of a table outside the template is unknown, so the whole table has one writer at a time.
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
    know: (known) => void (keys = keysOf(known)),
    hold: async (operation, request, work) => {
      const items = operation === 'BatchWriteItem' ? batchItems(request) : [singleItem(request)];
      // Every request acquires locks in the same order, so that two batches cannot deadlock.
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
