/** Copies a control table: its items at one moment, as a backup would hold them. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';

export type LedgerItem = Readonly<Record<string, unknown>>;

/** Variables that point SDK clients at an engine. */
type Variables = Readonly<Record<string, string>>;

/** Reads every item. */
export const copyLedger = (table: string, variables: Variables): Promise<readonly LedgerItem[]> =>
  withTable(variables, async (client) => {
    const items: LedgerItem[] = [];
    let start: Record<string, unknown> | undefined;
    do {
      const page = await client.send(
        new ScanCommand({
          ...{ TableName: table, ConsistentRead: true },
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        }),
      );
      items.push(...(page.Items ?? []));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return items;
  });

/** Writes the items of a copy to an empty table. */
export const restoreLedger = (
  table: string,
  variables: Variables,
  items: readonly LedgerItem[],
): Promise<void> =>
  withTable(variables, async (client) => {
    for (const item of items) await client.send(new PutCommand({ TableName: table, Item: { ...item } }));
  });

async function withTable<T>(
  variables: Variables,
  use: (client: DynamoDBDocumentClient) => Promise<T>,
): Promise<T> {
  const client = new DynamoDBClient({
    endpoint: variables['AWS_ENDPOINT_URL_DYNAMODB']!,
    region: variables['AWS_REGION']!,
    credentials: {
      accessKeyId: variables['AWS_ACCESS_KEY_ID']!,
      secretAccessKey: variables['AWS_SECRET_ACCESS_KEY']!,
    },
  });
  try {
    return await use(DynamoDBDocumentClient.from(client));
  } finally {
    client.destroy();
  }
}
