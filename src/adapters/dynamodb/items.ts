import { isDeepStrictEqual } from 'node:util';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { InconsistentLedger } from '../../core/errors';
import { asTransient } from './error';

/** Any item of the control table, without its key. */
export type Item = Record<string, unknown>;

/** Pads a number, so that text order is numeric order. */
export const padded = (number: number): string => String(number).padStart(10, '0');

/** Returns an item's attributes without its key. */
export const withoutKey = (item: Item): Item =>
  Object.fromEntries(Object.entries(item).filter(([name]) => name !== 'pk' && name !== 'sk'));

export interface TableIdentity {
  /** Given by DynamoDB when the table was created. */
  readonly tableId: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

/**
 * Reads and conditionally writes single items. Every read is consistent.
 *
 * DynamoDB may execute a request whose response is lost. The SDK then repeats the request, and its condition fails because of
 * its own write. So when a condition fails, the item is read: a write whose values the item has counts as done.
 * @throws TransientFailure if the service is too busy or cannot be reached
 */
export class Items {
  constructor(
    private readonly client: DynamoDBDocumentClient,
    private readonly table: string,
  ) {}

  /** Distinguishes the table from earlier ones of the same name. DynamoDB may still describe a table that was deleted. */
  async identity(): Promise<TableIdentity> {
    const { Table } = await withTransientErrors(() =>
      this.client.send(new DescribeTableCommand({ TableName: this.table })),
    );
    if (!Table?.TableId) throw new InconsistentLedger(`DynamoDB returned no id of table ${this.table}`);
    return { tableId: Table.TableId, createdAt: Table.CreationDateTime?.toISOString() ?? '' };
  }

  async get(pk: string, sk: string): Promise<Item | null> {
    const { Item: item } = await withTransientErrors(() =>
      this.client.send(new GetCommand({ TableName: this.table, Key: { pk, sk }, ConsistentRead: true })),
    );
    return item ?? null;
  }

  /** Reads every item whose sort key has a prefix, in the order of the sort keys. */
  async query(
    pk: string,
    prefix: string,
    options: { limit?: number; newestFirst?: boolean } = {},
  ): Promise<Item[]> {
    const items: Item[] = [];
    let start: Item | undefined;
    do {
      const page = await withTransientErrors(() =>
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

  /** Creates an item. False if a different one exists. */
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

  /** Deletes every item whose sort key has a prefix. */
  async removeAll(pk: string, prefix: string): Promise<void> {
    for (const item of await this.query(pk, prefix)) {
      await withTransientErrors(() =>
        this.client.send(new DeleteCommand({ TableName: this.table, Key: { pk, sk: item.sk } })),
      );
    }
  }

  /** Updates an item and returns it. Null if the condition does not hold. */
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
   * Sets attributes if `condition` (over the same names and `:` values) holds, or if all of them have these values already. So
   * `values` must include whatever distinguishes this write from that of another caller. Null if neither holds.
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

/** Returns whether an item has these attributes with these values. */
const holds = (item: Item | null, values: Item): boolean =>
  item !== null &&
  Object.entries(values).every(
    ([name, value]) => value === undefined || isDeepStrictEqual(item[name], value),
  );

/** Runs a request, and turns its transient errors into ones that state machines retry. */
async function withTransientErrors<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    throw asTransient(error);
  }
}

/** Runs a conditional write. False if its condition does not hold. */
async function conditional(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
    throw asTransient(error);
  }
}
