/** Reads the control table as an operator could: with its own client, by the documented names. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { rolesOf } from '../../contract/sides';

export interface ObservedRecord {
  readonly generation: number;
  readonly status: string;
  readonly writes: string;
  readonly epoch: number;
}

export interface ObservedDigest {
  readonly rows: number;
  readonly checksum: string;
}

export interface ObservedChunk {
  /** Name of the chunk's lease in the target. */
  readonly scope: string;
  readonly generation: number;
  readonly state: string;
  readonly token: number;
  readonly comparison: string;
  readonly source: ObservedDigest | null;
  readonly target: ObservedDigest | null;
}

export interface ObservedEntry {
  readonly number: number;
  readonly previousHash: string;
  readonly hash: string;
}

export interface ObservedLedger {
  /** Null before the migration has started. */
  readonly record: ObservedRecord | null;
  readonly chunks: readonly ObservedChunk[];
  readonly journal: readonly ObservedEntry[];
  /** All items of the migration, as text. */
  readonly text: string;
}

/** Key of the item that holds the control plane's id. */
const OWNER_KEY = { pk: '~control-plane', sk: 'owner' };

export class LedgerReader {
  private readonly client: DynamoDBDocumentClient;
  private ownerId: string | null = null;

  /** @param environment variables that point SDK clients at the engine */
  constructor(
    private readonly migration: string,
    private readonly table: string,
    environment: Readonly<Record<string, string | undefined>>,
  ) {
    const { AWS_ENDPOINT_URL_DYNAMODB: endpoint, AWS_REGION: region } = environment;
    const client = new DynamoDBClient({
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(region === undefined ? {} : { region }),
      credentials: {
        accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '',
        secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? '',
      },
    });
    this.client = DynamoDBDocumentClient.from(client);
  }

  /** Returns the control plane's id; null until its first migration has started. */
  async owner(): Promise<string | null> {
    if (this.ownerId !== null) return this.ownerId;
    const request = { TableName: this.table, Key: OWNER_KEY, ConsistentRead: true };
    const id: unknown = (await this.client.send(new GetCommand(request))).Item?.['id'];
    this.ownerId = typeof id === 'string' ? id : null;
    return this.ownerId;
  }

  async read(): Promise<ObservedLedger> {
    const items: Record<string, unknown>[] = [];
    let start: Record<string, unknown> | undefined;
    do {
      const page = await this.client.send(
        new QueryCommand({
          TableName: this.table,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': this.migration },
          ConsistentRead: true,
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        }),
      );
      items.push(...(page.Items ?? []));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    const of = (prefix: string) => items.filter(({ sk }) => String(sk).startsWith(prefix));
    const record = items.find(({ sk }) => sk === 'migration');
    return {
      record: record === undefined ? null : (record as unknown as ObservedRecord),
      chunks: of('chunk#').map((item) => this.chunkOf(item, record?.['direction'])),
      journal: of('journal#') as unknown as ObservedEntry[],
      text: JSON.stringify(items),
    };
  }

  close(): void {
    this.client.destroy();
  }

  /** @param direction of the generation; records of earlier versions have none and move forward */
  private chunkOf(item: Record<string, unknown>, direction: unknown): ObservedChunk {
    const generation = Number(String(item['sk']).split('#')[1]);
    // Leases are kept in the database that rows are copied to, and named after it.
    const { to } = rolesOf(direction === 'reverse' ? 'reverse' : 'forward');
    const scope = `${this.migration}/${to}/${generation}/${String(item['table'])}/${String(item['chunk'])}`;
    return { ...(item as unknown as ObservedChunk), scope, generation };
  }
}
