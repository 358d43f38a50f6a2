import type { Shape } from '../../contract/lifecycle';
import type { Mapping, TableMapping } from './table-mapping';

/** One database of an environment, as the Data API reaches it. */
export interface Endpoint {
  /** ARN of the Aurora cluster; the Data API talks to its writer. */
  readonly clusterArn: string;
  readonly database: string;
  /** Secret of a login that owns the mapped tables; used to install and to remove, never to move rows. */
  readonly ownerSecretArn: string;
  /** Secret of Sluice's own login: owns nothing, used by nobody else. See docs/guide/roles.sql. */
  readonly workerSecretArn: string;
}

export interface Throttle {
  /** Chunks copied at the same time, at most. @default 4 */
  readonly copiersMax?: number;
  /** Rows per second over all copiers, at most. @default no bound */
  readonly rowsPerSecondMax?: number;
}

export interface Fence {
  /** Shape `offline`: after so many minutes the fence on the source opens itself; the migration must be sealed before. @default 240 */
  readonly minutes?: number;
  /** Shape `cdc`: the budget of the cutover, after which the fence opens itself and the cutover is tried again. @default 5 */
  readonly seconds?: number;
}

export interface Capture {
  /** Size of the change log on disk beyond which the capture is given up, so that production goes on. @default 8192 */
  readonly logMegabytesMax?: number;
}

export interface Sync {
  /** Appliers that work at the same time. @default 2 */
  readonly appliersMax?: number;
}

/** What a user writes in `migrations/<name>.ts`. */
export interface MigrationDefinition {
  /** The file's name without `.ts`. */
  readonly name: string;
  /**
   * How the migration moves. `offline`: writes to the source are refused from the fence until the flip. `cdc`: changes are
   * captured and applied while the source serves; writes pause for the cutover only.
   */
  readonly shape: Shape;
  /** Endpoint per environment of cdk.json. */
  readonly source: Readonly<Record<string, Endpoint>>;
  /** Endpoint per environment of cdk.json. */
  readonly target: Readonly<Record<string, Endpoint>>;
  /** SQL files below `migrations/` that make the target's schema, run in order in one transaction. @default it is already there */
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
  /** Duration of a fence, in seconds. */
  readonly fenceSeconds: number;
  readonly capture: Required<Capture>;
  readonly sync: Required<Sync>;
}
