import {
  BeginTransactionCommand,
  ExecuteStatementCommand,
  type Field,
  RDSDataClient,
  RollbackTransactionCommand,
  type SqlParameter,
} from '@aws-sdk/client-rds-data';
import { translateError } from './error';

/** A parameter's value. Strings travel as text: cast them in the statement. */
export type Value = string | number | boolean | null;

/** One row of a result, by column label; numbers are integers below 2^53, everything lossless travels as text. */
export type Row = Readonly<Record<string, Value>>;

export type Parameters = Readonly<Record<string, Value>>;

/** One login on one database. */
export interface Database {
  /** Runs one autocommitted statement, once: an ambiguous outcome is the caller's to resolve. */
  query(sql: string, parameters?: Parameters): Promise<Row[]>;
  /** Runs statements in one transaction that is always rolled back. */
  rehearse<T>(work: (database: Pick<Database, 'query'>) => Promise<T>): Promise<T>;
}

export interface Login {
  readonly clusterArn: string;
  readonly secretArn: string;
  readonly database: string;
}

/** The Data API refuses to answer after 45 s; a client that hangs up sooner may hide a finished statement. */
const REQUEST_TIMEOUT_MS = 60_000;

/** A client that tries once: no operation of the Data API is idempotent, so a retry is a decision of the protocol. */
export const createClient = (): RDSDataClient =>
  new RDSDataClient({ maxAttempts: 1, requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS } });

/** A database behind the RDS Data API. */
export class DataApiDatabase implements Database {
  constructor(
    private readonly client: RDSDataClient,
    private readonly login: Login,
  ) {}

  query(sql: string, parameters: Parameters = {}): Promise<Row[]> {
    return this.execute(sql, parameters);
  }

  async rehearse<T>(work: (database: Pick<Database, 'query'>) => Promise<T>): Promise<T> {
    const { clusterArn: resourceArn, secretArn, database } = this.login;
    const { transactionId } = await this.send(() =>
      this.client.send(new BeginTransactionCommand({ resourceArn, secretArn, database })),
    );
    try {
      await this.execute("SET LOCAL idle_in_transaction_session_timeout = '20s'", {}, transactionId);
      return await work({ query: (sql, parameters = {}) => this.execute(sql, parameters, transactionId) });
    } finally {
      // A transaction that failed is gone already; one that cannot be reached is rolled back by its idle timeout.
      await this.client
        .send(new RollbackTransactionCommand({ resourceArn, secretArn, transactionId }))
        .catch(() => undefined);
    }
  }

  private async execute(sql: string, parameters: Parameters, transactionId?: string): Promise<Row[]> {
    const response = await this.send(() =>
      this.client.send(
        new ExecuteStatementCommand({
          resourceArn: this.login.clusterArn,
          secretArn: this.login.secretArn,
          database: this.login.database,
          sql,
          parameters: Object.entries(parameters).map(parameterOf),
          includeResultMetadata: true,
          ...(transactionId === undefined ? {} : { transactionId }),
        }),
      ),
    );
    const labels = (response.columnMetadata ?? []).map((column) => column.label ?? column.name ?? '');
    return (response.records ?? []).map((record) =>
      Object.fromEntries(record.map((field, index) => [labels[index]!, valueOf(field)])),
    );
  }

  private async send<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw translateError(error);
    }
  }
}

function parameterOf([name, value]: [string, Value]): SqlParameter {
  if (value === null) return { name, value: { isNull: true } };
  if (typeof value === 'string') return { name, value: { stringValue: value } };
  if (typeof value === 'boolean') return { name, value: { booleanValue: value } };
  return { name, value: { longValue: value } };
}

function valueOf(field: Field): Value {
  if (field.isNull) return null;
  const value = field.stringValue ?? field.longValue ?? field.booleanValue ?? field.doubleValue;
  if (value === undefined)
    throw new TypeError('a statement of Sluice returned an array or a blob; cast it to text');
  return value;
}
