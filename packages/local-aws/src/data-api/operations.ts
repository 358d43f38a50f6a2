/** Implements the five operations: from the request to the JSON text of the response. */
import { columnMetadata, resultTypes } from './catalog';
import { encodeFormatted, encodeRecords, type ResultOptions } from './encode';
import { invalid, ServiceError } from './errors';
import { Executor, limitsFor, type Place } from './executor';
import type { DataApiOptions } from './options';
import { bindParameters } from './parameters';
import { ParsedSqlCache, type ParsedSql } from './scanner';
import { Sessions, type Session, type SessionTarget } from './sessions';
import type { RawResult } from './statement';
import { TimeLimit } from './time-limit';
import { Transactions } from './transactions';
import { RequestReader, type JsonObject } from './wire';

export type Operation =
  | 'ExecuteStatement'
  | 'BatchExecuteStatement'
  | 'BeginTransaction'
  | 'CommitTransaction'
  | 'RollbackTransaction';

/** Lengths in characters, from the service model. */
const ARN_LENGTH_MIN = 11;
const LENGTH_MAX = { sql: 65_536, arn: 570, transactionId: 192, database: 64 };
const STATEMENT_TIMEOUT_MS = 45_000;
const TRANSACTION_IDLE_MS = 180_000;

interface Credentials {
  readonly clusterArn: string;
  readonly secretArn: string;
}

export class Operations {
  private readonly sessions = new Sessions();
  private readonly parsed = new ParsedSqlCache();
  private readonly transactions: Transactions;
  private readonly executor: Executor;

  constructor(private readonly options: DataApiOptions) {
    const timeLimit = new TimeLimit(options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS);
    const idleMs = options.transactionIdleMs ?? TRANSACTION_IDLE_MS;
    const limits = limitsFor(options.rowLimit ?? 'enforced');
    this.transactions = new Transactions(this.sessions, idleMs, timeLimit);
    this.executor = new Executor(this.sessions, this.transactions, limits, timeLimit);
  }

  run(operation: Operation, body: JsonObject): Promise<string> {
    const request = new RequestReader(body);
    switch (operation) {
      case 'ExecuteStatement':
        return this.executeStatement(request);
      case 'BatchExecuteStatement':
        return this.batchExecuteStatement(request);
      case 'BeginTransaction':
        return this.beginTransaction(request);
      case 'CommitTransaction':
      case 'RollbackTransaction':
        return this.endTransaction(operation, request);
    }
  }

  close(): Promise<void> {
    this.transactions.close();
    return this.sessions.close();
  }

  private async executeStatement(request: RequestReader): Promise<string> {
    const credentials = readCredentials(request);
    const sql = request.requiredText('sql', LENGTH_MAX.sql);
    const scope = readScope(request);
    const parameters = request.list('parameters');
    const continueAfterTimeout = request.flag('continueAfterTimeout');
    const format = readFormat(request);
    request.finish();
    if (continueAfterTimeout && scope.transactionId !== undefined) {
      throw invalid('continueAfterTimeout cannot be used within a transaction');
    }
    const place = this.resolvePlace(credentials, scope);
    const { text, names } = this.parse(sql);
    const bound = bindParameters(names, parameters);
    return this.executor.execute(place, continueAfterTimeout, async (session, run) =>
      encodeResult(session, await run(text, bound), format),
    );
  }

  /**
   * Without a transaction, each set commits on its own, and the first failure stops the rest. AWS does not document
   * whether the real service does the same, so rely on neither: pass a transactionId.
   */
  private async batchExecuteStatement(request: RequestReader): Promise<string> {
    const credentials = readCredentials(request);
    const sql = request.requiredText('sql', LENGTH_MAX.sql);
    const scope = readScope(request);
    const sets = request.lists('parameterSets');
    request.finish();
    const place = this.resolvePlace(credentials, scope);
    const { text, names, isTerminated } = this.parse(sql);
    if (isTerminated) throw invalid('The statement of a batch ends with a semicolon. Remove it');
    if (sets.length === 0) throw invalid('parameterSets is empty. Pass at least one set, which may be empty');
    const bound = sets.map((set) => bindParameters(names, set));
    await this.executor.execute(place, false, async (_session, run) => {
      for (const parameters of bound) await run(text, parameters).catch(throwBatchError);
    });
    return JSON.stringify({ updateResults: bound.map(() => ({ generatedFields: [] })) });
  }

  private async beginTransaction(request: RequestReader): Promise<string> {
    const credentials = readCredentials(request);
    const { database } = readDatabase(request);
    request.finish();
    const transactionId = await this.transactions.begin(this.resolveTarget(credentials, database));
    return JSON.stringify({ transactionId });
  }

  private async endTransaction(
    operation: 'CommitTransaction' | 'RollbackTransaction',
    request: RequestReader,
  ): Promise<string> {
    const credentials = readCredentials(request);
    const id = request.requiredText('transactionId', LENGTH_MAX.transactionId);
    request.finish();
    this.requireKnown(credentials, 'NotFoundException', 'NotFoundException');
    if (operation === 'CommitTransaction') await this.transactions.commit(id, credentials);
    else await this.transactions.rollback(id, credentials);
    const transactionStatus =
      operation === 'CommitTransaction' ? 'Transaction Committed' : 'Rollback Complete';
    return JSON.stringify({ transactionStatus });
  }

  private parse(sql: string): ParsedSql {
    const parsed = this.parsed.parse(sql);
    if (/^[\s;]*$/.test(parsed.text)) throw invalid('The SQL statement is empty');
    return parsed;
  }

  private resolvePlace(credentials: Credentials, { database, transactionId }: Scope): Place {
    if (transactionId === undefined)
      return { target: this.resolveTarget(credentials, database), transactionId };
    this.requireKnown(credentials, 'DatabaseNotFoundException', 'SecretsErrorException');
    const target = database === undefined ? credentials : { ...credentials, database };
    return { target, transactionId };
  }

  private resolveTarget(credentials: Credentials, database: string | undefined): SessionTarget {
    this.requireKnown(credentials, 'DatabaseNotFoundException', 'SecretsErrorException');
    const cluster = this.options.clusters[credentials.clusterArn];
    const secret = this.options.secrets[credentials.secretArn];
    // An empty name is refused too: PostgreSQL's clients would replace it by the login's name.
    if (!database) throw invalid('Database name is required');
    if (cluster === undefined || secret === undefined) throw invalid('Unknown cluster or secret');
    return { ...credentials, ...cluster, ...secret, database };
  }

  private requireKnown(
    { clusterArn, secretArn }: Credentials,
    noCluster: ServiceError['name'],
    noSecret: ServiceError['name'],
  ): void {
    if (!Object.hasOwn(this.options.clusters, clusterArn)) {
      throw new ServiceError(noCluster, `No DB cluster with a DB instance has the ARN ${clusterArn}`);
    }
    if (!Object.hasOwn(this.options.secrets, secretArn)) {
      throw new ServiceError(noSecret, `Secrets Manager can't find the specified secret ${secretArn}`);
    }
  }
}

interface Scope {
  readonly database: string | undefined;
  readonly transactionId: string | undefined;
}

function readCredentials(request: RequestReader): Credentials {
  return {
    clusterArn: request.requiredText('resourceArn', LENGTH_MAX.arn, ARN_LENGTH_MIN),
    secretArn: request.requiredText('secretArn', LENGTH_MAX.arn, ARN_LENGTH_MIN),
  };
}

function readDatabase(request: RequestReader): { readonly database: string | undefined } {
  if (request.text('schema', LENGTH_MAX.database) !== undefined) {
    request.problems.push("The schema parameter isn't supported");
  }
  return { database: request.text('database', LENGTH_MAX.database) };
}

function readScope(request: RequestReader): Scope {
  return {
    ...readDatabase(request),
    transactionId: request.text('transactionId', LENGTH_MAX.transactionId),
  };
}

/** Replaces UnsupportedResultException, which the model of a batch lacks. A batch drops results, but limits them too. */
function throwBatchError(error: Error): never {
  if (error.name !== 'UnsupportedResultException') throw error;
  throw new ServiceError('DatabaseErrorException', `ERROR: ${error.message}; SQLState: 54000`);
}

interface ResultFormat {
  readonly includeMetadata: boolean;
  readonly formatted: boolean;
  readonly options: ResultOptions;
}

function readFormat(request: RequestReader): ResultFormat {
  const options = new RequestReader(request.object('resultSetOptions'));
  const format: ResultFormat = {
    includeMetadata: request.flag('includeResultMetadata'),
    formatted: request.choice('formatRecordsAs', ['NONE', 'JSON'], 'NONE') === 'JSON',
    options: {
      decimalReturnType: options.choice('decimalReturnType', ['STRING', 'DOUBLE_OR_LONG'], 'STRING'),
      longReturnType: options.choice('longReturnType', ['LONG', 'STRING'], 'LONG'),
    },
  };
  options.finish();
  return format;
}

async function encodeResult(session: Session, result: RawResult, format: ResultFormat): Promise<string> {
  const { fields, rows, tag } = result;
  const counts = `"generatedFields":[],"numberOfRecordsUpdated":${updatedCount(tag)}`;
  if (fields === undefined) return `{${counts}}`;
  const types = await resultTypes(session, fields);
  if (format.formatted && tag.startsWith('SELECT')) {
    const labels = fields.map(({ name }) => name);
    const formatted = encodeFormatted(rows, labels, types, format.options);
    return `{"formattedRecords":${JSON.stringify(formatted)},${counts}}`;
  }
  const metadata = format.includeMetadata
    ? `"columnMetadata":${JSON.stringify(await columnMetadata(session, fields, types))},`
    : '';
  return `{${metadata}${counts},"records":${encodeRecords(rows, types, format.options)}}`;
}

/** Returns 0 for a SELECT, even if its WITH clause writes: its command tag counts the selected rows. */
function updatedCount(tag: string): number {
  const match = /^(?:INSERT \d+|UPDATE|DELETE|MERGE) (\d+)$/.exec(tag);
  return Number(match?.[1] ?? 0);
}
