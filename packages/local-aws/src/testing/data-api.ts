/** Starts a PostgreSQL server, a Data API for it, and an SDK client. */
import {
  BatchExecuteStatementCommand,
  BeginTransactionCommand,
  CommitTransactionCommand,
  ExecuteStatementCommand,
  RDSDataClient,
  RollbackTransactionCommand,
  type ExecuteStatementCommandInput,
  type ExecuteStatementCommandOutput,
  type Field,
  type SqlParameter,
} from '@aws-sdk/client-rds-data';

import { startDataApi, type DataApi, type DataApiOptions } from '../data-api/server';
import { databaseUrl, freshDatabase, runSql, startTestPostgres, type TestPostgres } from './postgres';

export const CLUSTER = 'arn:aws:rds:us-east-1:123456789012:cluster:local';
export const SECRET = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:local';
/** Another secret with the same login. */
export const OTHER_SECRET = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:other';

/** The error of a refused call. */
export interface Refusal extends Error {
  readonly $metadata: { readonly httpStatusCode?: number };
}

export type Extra = Partial<ExecuteStatementCommandInput>;

export function clientOf(url: string): RDSDataClient {
  return new RDSDataClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
}

export class DataApiFixture {
  private constructor(
    readonly postgres: TestPostgres,
    readonly url: string,
    readonly options: DataApiOptions,
    readonly api: DataApi,
    readonly client: RDSDataClient,
  ) {}

  static async start(options: Partial<DataApiOptions> = {}): Promise<DataApiFixture> {
    const postgres = await startTestPostgres();
    const url = await freshDatabase(postgres);
    const { username, password } = new URL(url);
    const login = { username, password: decodeURIComponent(password) };
    const whole: DataApiOptions = {
      clusters: { [CLUSTER]: { host: postgres.host, port: postgres.port } },
      secrets: { [SECRET]: login, [OTHER_SECRET]: login },
      ...options,
    };
    const api = await startDataApi(whole);
    return new DataApiFixture(postgres, url, whole, api, clientOf(api.url));
  }

  async stop(): Promise<void> {
    await this.stopApi();
    await this.postgres.stop();
  }

  /** Starts another Data API with other options for the same database. Stop it with `stopApi`. */
  async startAnother(options: Partial<DataApiOptions>): Promise<DataApiFixture> {
    const whole = { ...this.options, ...options };
    const api = await startDataApi(whole);
    return new DataApiFixture(this.postgres, this.url, whole, api, clientOf(api.url));
  }

  async stopApi(): Promise<void> {
    this.client.destroy();
    await this.api.close();
  }

  get place(): { resourceArn: string; secretArn: string; database: string } {
    return { resourceArn: CLUSTER, secretArn: SECRET, database: new URL(this.url).pathname.slice(1) };
  }

  execute(
    sql: string,
    parameters?: SqlParameter[],
    extra: Extra = {},
  ): Promise<ExecuteStatementCommandOutput> {
    return this.client.send(
      new ExecuteStatementCommand({ ...this.place, sql, ...(parameters && { parameters }), ...extra }),
    );
  }

  /** Returns the first field of the first row. */
  async field(sql: string, parameters?: SqlParameter[], extra?: Extra): Promise<Field | undefined> {
    return (await this.execute(sql, parameters, extra)).records?.[0]?.[0];
  }

  async batch(sql: string, parameterSets: SqlParameter[][], transactionId?: string): Promise<number> {
    const command = new BatchExecuteStatementCommand({
      ...this.place,
      sql,
      parameterSets,
      ...(transactionId !== undefined && { transactionId }),
    });
    return (await this.client.send(command)).updateResults?.length ?? 0;
  }

  async begin(): Promise<string> {
    const { transactionId } = await this.client.send(new BeginTransactionCommand(this.place));
    return transactionId ?? '';
  }

  async commit(transactionId: string): Promise<string | undefined> {
    const command = new CommitTransactionCommand({ resourceArn: CLUSTER, secretArn: SECRET, transactionId });
    return (await this.client.send(command)).transactionStatus;
  }

  async rollback(transactionId: string): Promise<string | undefined> {
    const command = new RollbackTransactionCommand({
      resourceArn: CLUSTER,
      secretArn: SECRET,
      transactionId,
    });
    return (await this.client.send(command)).transactionStatus;
  }

  /** Runs a statement over an ordinary connection, without the Data API. */
  direct(sql: string): Promise<Record<string, unknown>[]> {
    return runSql(databaseUrl(this.url, this.place.database), sql);
  }
}

/** Returns the error of a call that must fail, as `<name>: <message>`. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  const error = await refused(call);
  return `${error.name}: ${error.message}`;
}

export async function refused(call: Promise<unknown>): Promise<Refusal> {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error: error as Refusal }),
  );
  if ('error' in outcome) return outcome.error;
  throw new Error(`The call succeeded with ${JSON.stringify(outcome.value)}`);
}

export const text = (name: string, stringValue: string): SqlParameter => ({ name, value: { stringValue } });
export const long = (name: string, longValue: number): SqlParameter => ({ name, value: { longValue } });

export const until = async (isTrue: () => Promise<boolean>): Promise<void> => {
  for (const deadline = Date.now() + 5_000; !(await isTrue());) {
    if (Date.now() > deadline) throw new Error('The condition did not become true within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
