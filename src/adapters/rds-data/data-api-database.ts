import {
  BeginTransactionCommand,
  ExecuteStatementCommand,
  type ExecuteStatementCommandInput,
  type Field,
  RDSDataClient,
  RollbackTransactionCommand,
  type SqlParameter,
} from '@aws-sdk/client-rds-data';
import type { Database, Parameters, Row, Value } from '../postgres/database';
import { translateError } from './translate-error';

export interface Login {
  readonly clusterArn: string;
  readonly secretArn: string;
  readonly database: string;
}

/** The Data API times out after 45 s; a client that disconnects earlier may miss the result of a finished statement. */
const REQUEST_TIMEOUT_MS = 60_000;

/** Creates a client without retries: no operation of the Data API is idempotent, so the callers' protocols decide on them. */
export const createClient = (): RDSDataClient =>
  new RDSDataClient({ maxAttempts: 1, requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS } });

/** A database that is reached through the RDS Data API. */
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
      // A failed transaction no longer exists; the idle timeout rolls back one that cannot be reached.
      await this.client
        .send(new RollbackTransactionCommand({ resourceArn, secretArn, transactionId }))
        .catch(() => undefined);
    }
  }

  private async execute(sql: string, parameters: Parameters, transactionId?: string): Promise<Row[]> {
    const input = {
      resourceArn: this.login.clusterArn,
      secretArn: this.login.secretArn,
      database: this.login.database,
      sql,
      includeResultMetadata: true,
      ...(transactionId === undefined ? {} : { transactionId }),
    };
    const command = new ExecuteStatementCommand(input);
    setBody(command, { ...input, parameters: Object.entries(parameters).map(parameterOf) });
    const response = await this.send(() => this.client.send(command));
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

/**
 * Sets the request's body before the client measures and signs it. The client's own serializer writes a string character by
 * character, which costs more than every other step of sending a page. The wire format is the same JSON (rest-json).
 */
function setBody(command: ExecuteStatementCommand, body: ExecuteStatementCommandInput): void {
  const bytes = Buffer.from(JSON.stringify(body));
  command.middlewareStack.add(
    (next) => (handled) => {
      (handled.request as { body: unknown }).body = bytes;
      return next(handled);
    },
    { step: 'build', priority: 'high', name: 'setBody' },
  );
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
    throw new TypeError('a statement returned an array or a blob; cast the column to text');
  return value;
}
