import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { TABLE_NAME } from './control-table';

/** Every item that the control table holds of a migration, as one text. The frozen definition is the user's own text. */
export async function everyItem(client: DynamoDBDocumentClient, migration: string): Promise<string> {
  const items: unknown[] = [];
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const query = {
      TableName: TABLE_NAME,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': migration },
    };
    const page = await client.send(
      new QueryCommand(ExclusiveStartKey ? { ...query, ExclusiveStartKey } : query),
    );
    items.push(...(page.Items ?? []).filter(({ sk }) => !String(sk).startsWith('definition#')));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return JSON.stringify(items);
}
