/** What a server needs to know and what it tells. */
import type { Policies, Usage } from '../iam';

export interface DataApiOptions {
  /** Who may do what. @default everybody may do everything */
  readonly policies?: Policies;
  /** On 127.0.0.1. @default 0, any free one */
  readonly port?: number;
  /** By cluster ARN. */
  readonly clusters: Readonly<Record<string, { readonly host: string; readonly port: number }>>;
  /** By secret ARN. */
  readonly secrets: Readonly<Record<string, { readonly username: string; readonly password: string }>>;
  /** 64 KB per row of a result. AWS's pages disagree on whether it still holds. @default 'enforced' */
  readonly rowLimit?: 'enforced' | 'off' | undefined;
  /** @default 45_000 */
  readonly statementTimeoutMs?: number;
  /** Without a call, a transaction is rolled back after this time. @default 180_000 */
  readonly transactionIdleMs?: number;
}

export interface DataApiCounters {
  /** By operation, failed ones included. */
  readonly calls: Readonly<Record<string, number>>;
  /** Answers with an error, by the error's name. */
  readonly errors: Readonly<Record<string, number>>;
  /** Bodies only. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** One per 32 KB of request and response together, at least one per call. The metering unit is unverified. */
  readonly billedUnits: number;
}

export interface DataApi {
  /** For `AWS_ENDPOINT_URL_RDS_DATA`. */
  readonly url: string;
  counters(): Promise<DataApiCounters>;
  /** Which grants were used, and what was denied. */
  access(): Promise<Usage>;
  /** Cancels what runs, rolls back open transactions and closes every connection. */
  close(): Promise<void>;
}
