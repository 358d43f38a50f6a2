import { isDeepStrictEqual } from 'node:util';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { asTransient } from './error';

/** Any item of the control table, without its key. */
export type Item = Record<string, unknown>;

/** Padded so that text order is number order. */
export const padded = (number: number): string => String(number).padStart(10, '0');

/** An item's own attributes. */
export const withoutKey = (item: Item): Item =>
  Object.fromEntries(Object.entries(item).filter(([name]) => name !== 'pk' && name !== 'sk'));

/**
 * Reads and conditional writes of single items under one partition key each. Every read is consistent.
 *
 * A request may have been executed though its answer was lost, and the SDK sends it again: then the condition fails because
 * of the very write that it was for. So where a condition fails, the item is looked at: what stands there as it was to be
 * written, is written.
 * @throws TransientFailure if the service is too busy or cannot be reached
 */
export class Items {
  constructor(
    private readonly client: DynamoDBDocumentClient,
    private readonly table: string,
  ) {}

  async get(pk: string, sk: string): Promise<Item | null> {
    const { Item: item } = await passing(() =>
      this.client.send(new GetCommand({ TableName: this.table, Key: { pk, sk }, ConsistentRead: true })),
    );
    return item ?? null;
  }

  /** Every item whose sort key starts so, in its order. */
  async query(
    pk: string,
    prefix: string,
    options: { limit?: number; newestFirst?: boolean } = {},
  ): Promise<Item[]> {
    const items: Item[] = [];
    let start: Item | undefined;
    do {
      const page = await passing(() =>
        this.client.send(
          new QueryCommand({
            TableName: this.table,
            KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
            ExpressionAttributeValues: { ':pk': pk, ':prefix': prefix },
            ConsistentRead: true,
            ScanIndexForward: options.newestFirst !== true,
            ...(options.limit === undefined ? {} : { Limit: options.limit }),
            ...(start === undefined ? {} : { ExclusiveStartKey: start }),
          }),
        ),
      );
      items.push(...(page.Items ?? []));
      start = page.LastEvaluatedKey;
    } while (start !== undefined && (options.limit === undefined || items.length < options.limit));
    return items;
  }

  /** False if another item is there already. */
  async create(pk: string, sk: string, item: Item): Promise<boolean> {
    const created = await conditional(() =>
      this.client.send(
        new PutCommand({
          TableName: this.table,
          Item: { pk, sk, ...item },
          ConditionExpression: 'attribute_not_exists(sk)',
        }),
      ),
    );
    return created || holds(await this.get(pk, sk), item);
  }

  /** Deletes every item whose sort key starts so. */
  async removeAll(pk: string, prefix: string): Promise<void> {
    for (const item of await this.query(pk, prefix)) {
      await passing(() =>
        this.client.send(new DeleteCommand({ TableName: this.table, Key: { pk, sk: item.sk } })),
      );
    }
  }

  /** Null if the condition does not hold; otherwise the item as it is after the update. */
  async update(
    pk: string,
    sk: string,
    expression: Pick<
      UpdateCommandInput,
      'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
    >,
  ): Promise<Item | null> {
    let after: Item | null = null;
    const held = await conditional(async () => {
      const response = await this.client.send(
        new UpdateCommand({ TableName: this.table, Key: { pk, sk }, ReturnValues: 'ALL_NEW', ...expression }),
      );
      after = response.Attributes ?? null;
    });
    return held ? after : null;
  }

  /**
   * Sets attributes where `condition` (over the same names and `:` values) holds, or where all of them are set so already: give
   * what tells this write from another's among the values. Null if neither.
   */
  async set(
    pk: string,
    sk: string,
    values: Item,
    condition: string,
    conditionValues: Item = {},
  ): Promise<Item | null> {
    const entries = Object.entries(values);
    const used = new Set([...condition.matchAll(/#(\w+)/g)].map((match) => match[1]!));
    const after = await this.update(pk, sk, {
      UpdateExpression: `SET ${entries.map(([name]) => `#${name} = :${name}`).join(', ')}`,
      ConditionExpression: condition,
      ExpressionAttributeNames: Object.fromEntries(
        [...new Set([...entries.map(([name]) => name), ...used])].map((name) => [`#${name}`, name]),
      ),
      ExpressionAttributeValues: {
        ...Object.fromEntries(entries.map(([name, value]) => [`:${name}`, value])),
        ...Object.fromEntries(Object.entries(conditionValues).map(([name, value]) => [`:${name}`, value])),
      },
    });
    if (after !== null) return after;
    const found = await this.get(pk, sk);
    return holds(found, values) ? found : null;
  }
}

/** Whether an item has these attributes, with these values. */
const holds = (item: Item | null, values: Item): boolean =>
  item !== null &&
  Object.entries(values).every(
    ([name, value]) => value === undefined || isDeepStrictEqual(item[name], value),
  );

async function passing<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    throw asTransient(error);
  }
}

async function conditional(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
    throw asTransient(error);
  }
}
