import type { Shape } from '../../contract/lifecycle';
import type { Mapping, TableMapping } from './table-mapping';

/** A database of one environment, and the secrets of its logins for the Data API. */
export interface Endpoint {
  /** ARN of the Aurora cluster; the Data API connects to its writer. */
  readonly clusterArn: string;
  readonly database: string;
  /** Secret of a login with the rights of the tables' owner; it installs and removes, and never moves rows. */
  readonly ownerSecretArn: string;
  /** Secret of the login that changes guards, leases and sequences, and can read no table of the application. */
  readonly controlSecretArn: string;
  /** Secret of the login that moves rows, which owns nothing and has no other user. See docs/guide/roles.sql. */
  readonly workerSecretArn: string;
  /** Secret of the login that compares the two ends; it only reads. */
  readonly verifierSecretArn: string;
}

export interface Throttle {
  /** Maximum number of chunks that are copied at the same time. @default 4 */
  readonly copiersMax?: number;
  /** Maximum rows per second of all copiers together. @default no limit */
  readonly rowsPerSecondMax?: number;
}

export interface Fence {
  /** Shape `offline`: minutes after which the fence on the source expires; the migration must be sealed before. @default 240 */
  readonly minutes?: number;
  /** Shape `cdc`: seconds after which the fence of a cutover expires; the cutover is then tried again. @default 5 */
  readonly seconds?: number;
}

export interface Capture {
  /** Size of the change log on disk above which the capture is stopped to protect production. @default 8192 */
  readonly logMegabytesMax?: number;
}

export interface Sync {
  /** Maximum number of appliers that run at the same time. @default 2 */
  readonly appliersMax?: number;
}

/** A migration as a user writes it in `migrations/<name>.ts`. */
export interface MigrationDefinition {
  /** The file's name without `.ts`. */
  readonly name: string;
  /**
   * How rows are moved. `offline`: the source refuses writes from the fence until the flip. `cdc`: changes are captured and
   * applied while the source serves; writes pause for the cutover only.
   */
  readonly shape: Shape;
  /** Endpoint per environment of cdk.json. */
  readonly source: Readonly<Record<string, Endpoint>>;
  /** Endpoint per environment of cdk.json. */
  readonly target: Readonly<Record<string, Endpoint>>;
  /** SQL files below `migrations/` that create the target's schema, run in order in one transaction. @default none: it exists */
  readonly targetSchema?: readonly string[];
  readonly tables: readonly TableMapping[];
  readonly throttle?: Throttle;
  readonly fence?: Fence;
  /** Shape `cdc` only. */
  readonly capture?: Capture;
  /** Shape `cdc` only. */
  readonly sync?: Sync;
}

/** A definition with its defaults filled in. */
export interface Definition extends MigrationDefinition {
  readonly targetSchema: readonly string[];
  readonly tables: readonly Mapping[];
  readonly throttle: Required<Pick<Throttle, 'copiersMax'>> & Throttle;
  /** Seconds after which a fence expires. */
  readonly fenceSeconds: number;
  readonly capture: Required<Capture>;
  readonly sync: Required<Sync>;
}
