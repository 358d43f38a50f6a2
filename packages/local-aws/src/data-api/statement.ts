/** Runs one statement over the extended query protocol, with declared parameter types and a limited result. */
import type { Connection, FieldDef, Submittable } from 'pg';

import { databaseError, endsSession, ServiceError, unsupportedResult } from './errors';
import type { BoundParameters } from './parameters';
import type { PreparedStatements } from './prepared-statements';
import type { SessionClient } from './session-client';

/** Text values as the server sent them. */
export type RawRow = readonly (string | null)[];

export interface RawResult {
  /** Absent for a statement without a result set. */
  readonly fields?: readonly FieldDef[];
  readonly rows: readonly RawRow[];
  /** The command tag, e.g. `INSERT 0 3`; empty for an empty statement. */
  readonly tag: string;
}

export interface ResultLimits {
  /** Bytes of all values of all rows. */
  readonly resultBytesMax: number;
  readonly rowBytesMax: number;
}

/** The service's limits; an option lifts `rowBytesMax`. */
export const LIMITS: ResultLimits = { resultBytesMax: 1_048_576, rowBytesMax: 65_536 };

/** Beyond this, a single value is too large to be buffered, so the socket is closed. */
const RECEIVED_BYTES_MAX = 16 * 1_048_576;
const OID_BYTEA = 17;

/**
 * Runs a statement, and rejects with a ServiceError if it fails. After an error of the database, the session is in a failed
 * transaction or has ended. Rows of a result over the limits are dropped on arrival, and `stop` is called once to cancel it.
 */
export function runStatement(
  client: SessionClient,
  text: string,
  bound: BoundParameters,
  limits: ResultLimits,
  stop: () => void,
): Promise<RawResult> {
  return new Promise((resolve, reject) => {
    client.query(new Statement(text, bound, client.prepared, limits, stop, resolve, reject));
  });
}

interface DataRow {
  /** Bytes of the message without its type byte. */
  readonly length: number;
  readonly fields: (string | null)[];
}

class Statement implements Submittable {
  private fields: readonly FieldDef[] | undefined;
  private byteaColumns: readonly number[] = [];
  private rows: RawRow[] = [];
  private tag = '';
  private resultBytes = 0;
  private receivedBytes = 0;
  private problem: ServiceError | undefined;
  private connection: Connection | undefined;
  /** Of the prepared statement, if this one parses it. */
  private preparedName = '';

  constructor(
    private readonly text: string,
    private readonly bound: BoundParameters,
    private readonly prepared: PreparedStatements,
    private readonly limits: ResultLimits,
    private readonly stop: () => void,
    private readonly resolve: (result: RawResult) => void,
    private readonly reject: (error: ServiceError) => void,
  ) {}

  submit(connection: Connection): void {
    this.connection = connection;
    connection.stream.on('data', this.countReceived);
    connection.stream.cork();
    const { name, isNew, evicted } = this.prepared.use(this.text, this.bound.types);
    if (evicted !== undefined) connection.close({ type: 'S', name: evicted }, true);
    if (isNew) {
      this.preparedName = name;
      connection.once('parseComplete', this.keepStatement);
      connection.parse({ name, text: this.text, types: this.bound.types }, true);
    }
    connection.bind({ statement: name, values: this.bound.values }, true);
    connection.describe({ type: 'P', name: '' }, true);
    connection.execute(null, true);
    connection.sync();
    connection.stream.uncork();
  }

  handleRowDescription(message: { readonly fields: readonly FieldDef[] }): void {
    this.fields = message.fields;
    this.byteaColumns = message.fields.flatMap((field, index) =>
      field.dataTypeID === OID_BYTEA ? [index] : [],
    );
  }

  handleDataRow(message: DataRow): void {
    if (this.problem !== undefined) return;
    const bytes = this.valueBytes(message);
    this.resultBytes += bytes;
    if (bytes > this.limits.rowBytesMax) {
      this.refuse(
        `Packet for query is too large: a row of ${bytes} bytes is over the limit of ${this.limits.rowBytesMax} bytes. Select fewer or shorter columns`,
      );
    } else if (this.resultBytes > this.limits.resultBytesMax) {
      this.refuse(this.oversized());
    } else {
      this.rows.push(message.fields);
    }
  }

  handleCommandComplete(message: { readonly text: string }): void {
    this.tag = message.text;
  }

  handleEmptyQuery(): void {
    this.tag = '';
  }

  handlePortalSuspended(): void {
    this.problem ??= new ServiceError(
      'InternalServerErrorException',
      'The server suspended a portal, although the statement sets no row limit',
    );
  }

  /** Handles an ErrorResponse. ReadyForQuery follows unless the session has ended. */
  handleError(error: Error): void {
    this.problem ??= databaseError(error);
    // node-postgres has dropped this statement and will not report ReadyForQuery to it.
    this.settle();
    if (endsSession(error)) this.connection?.stream.destroy();
  }

  handleReadyForQuery(): void {
    this.settle();
  }

  private settle(): void {
    this.connection?.stream.removeListener('data', this.countReceived);
    this.connection?.removeListener('parseComplete', this.keepStatement);
    if (this.problem !== undefined) return this.reject(this.problem);
    const { rows, tag } = this;
    this.resolve(this.fields === undefined ? { rows, tag } : { fields: this.fields, rows, tag });
  }

  private oversized(): string {
    return `Database response exceeded size limit of ${this.limits.resultBytesMax} bytes. Split the query into several calls with LIMIT`;
  }

  private refuse(reason: string): void {
    this.rows = [];
    this.problem = unsupportedResult(reason);
    this.stop();
  }

  /** A bytea value arrives as `\x` and two digits per byte, but counts as its bytes. */
  private valueBytes(message: DataRow): number {
    let bytes = message.length - 6 - 4 * message.fields.length;
    for (const column of this.byteaColumns) {
      const digits = message.fields[column]?.length;
      if (digits !== undefined) bytes -= digits / 2 + 1;
    }
    return bytes;
  }

  private readonly keepStatement = (): void =>
    this.prepared.keep(this.text, this.bound.types, this.preparedName);

  private readonly countReceived = (chunk: Buffer): void => {
    this.receivedBytes += chunk.length;
    if (this.receivedBytes <= RECEIVED_BYTES_MAX) return;
    if (this.problem === undefined) this.refuse(this.oversized());
    this.connection?.stream.destroy();
  };
}
