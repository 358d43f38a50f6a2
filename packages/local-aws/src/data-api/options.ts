/** Options and interface of the Data API server. */
import type { Policies, Usage } from '../iam';

export interface DataApiOptions {
  /** Identity-based policies of the callers. @default every caller may call every operation */
  readonly policies?: Policies;
  /** On 127.0.0.1. @default 0, a free port */
  readonly port?: number;
  /** By cluster ARN. */
  readonly clusters: Readonly<Record<string, { readonly host: string; readonly port: number }>>;
  /** By secret ARN. */
  readonly secrets: Readonly<Record<string, { readonly username: string; readonly password: string }>>;
  /** 64 KB per row of a result. AWS's pages disagree on whether this limit still applies. @default 'enforced' */
  readonly rowLimit?: 'enforced' | 'off' | undefined;
  /** @default 45_000 */
  readonly statementTimeoutMs?: number;
  /** A transaction without calls is rolled back after this time. @default 180_000 */
  readonly transactionIdleMs?: number;
}

export interface DataApiCounters {
  /** By operation, including failed calls. */
  readonly calls: Readonly<Record<string, number>>;
  /** Error responses, by the error's name. */
  readonly errors: Readonly<Record<string, number>>;
  /** Without headers. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** One per 32 KB of request plus response, at least one per call. The metering unit is unverified. */
  readonly billedUnits: number;
}

export interface DataApi {
  /** The value for `AWS_ENDPOINT_URL_RDS_DATA`. */
  readonly url: string;
  counters(): Promise<DataApiCounters>;
  /** Returns the grants that were used and the calls that were denied. */
  access(): Promise<Usage>;
  /** Replaces the policies of the callers. */
  authorizeBy(policies: Policies): Promise<void>;
  /** Cancels running statements, rolls back open transactions and closes every connection. */
  close(): Promise<void>;
}
