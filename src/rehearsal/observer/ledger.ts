/** The control table, read as any operator could: with a client of its own, by the names that the documentation gives. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { rolesOf } from '../../contract/sides';

export interface SeenRecord {
  readonly generation: number;
  readonly status: string;
  readonly writes: string;
  readonly epoch: number;
}

export interface SeenDigest {
  readonly rows: number;
  readonly checksum: string;
}

export interface SeenChunk {
  /** As its lease in the target is called. */
  readonly scope: string;
  readonly generation: number;
  readonly state: string;
  readonly token: number;
  readonly comparison: string;
  readonly source: SeenDigest | null;
  readonly target: SeenDigest | null;
}

export interface SeenEntry {
  readonly number: number;
  readonly previousHash: string;
  readonly hash: string;
}

export interface SeenLedger {
  /** Null before the migration has started. */
  readonly record: SeenRecord | null;
  readonly chunks: readonly SeenChunk[];
  readonly journal: readonly SeenEntry[];
  /** Everything that is there, as text. */
  readonly text: string;
}

export class LedgerEye {
  private readonly client: DynamoDBDocumentClient;

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

  async look(): Promise<SeenLedger> {
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
      record: record === undefined ? null : (record as unknown as SeenRecord),
      chunks: of('chunk#').map((item) => this.chunkOf(item, record?.['direction'])),
      journal: of('journal#') as unknown as SeenEntry[],
      text: JSON.stringify(items),
    };
  }

  close(): void {
    this.client.destroy();
  }

  /** @param direction of the migration's generation; records of earlier versions have none, and move forward */
  private chunkOf(item: Record<string, unknown>, direction: unknown): SeenChunk {
    const generation = Number(String(item['sk']).split('#')[1]);
    // Leases are kept, and named after, the side that rows are written to.
    const { to } = rolesOf(direction === 'reverse' ? 'reverse' : 'forward');
    const scope = `${this.migration}/${to}/${generation}/${String(item['table'])}/${String(item['chunk'])}`;
    return { ...(item as unknown as SeenChunk), scope, generation };
  }
}
