/** The ports that control who may write to a database: its guard, and the installer of guards and captures. */

import type { LoginNames } from '../contract/logins';
import type { TableName } from './identifier';
import type { Layout } from './layout';
import type { Authority, CaptureState, GuardName } from './ports';

export type GuardState = 'open' | 'fenced' | 'sealed' | 'dark' | 'revoked' | 'standby';

/**
 * The states that a guard may be put into, each with the states that it may come from, and whether Sluice's own worker may
 * write then. Any guard may be opened. `revoked` is a dark side whose workers an abort has fenced.
 */
export const GUARD_CHANGES = {
  open: { from: ['open', 'fenced', 'sealed', 'dark', 'revoked', 'standby'], exempt: false },
  fenced: { from: ['open'], exempt: false },
  sealed: { from: ['fenced'], exempt: false },
  dark: { from: ['open', 'dark'], exempt: true },
  standby: { from: ['sealed'], exempt: true },
} as const satisfies Partial<Record<GuardState, { from: readonly GuardState[]; exempt: boolean }>>;

/**
 * A guard as recorded in its database. `expired`: a fence past its deadline, which accepts writes again. If its server was replaced
 * or restarted since, the deadline is a minute earlier.
 */
export interface GuardStatus {
  readonly epoch: number;
  readonly state: GuardState;
  readonly expired: boolean;
}

export interface GuardChange {
  readonly state: keyof typeof GUARD_CHANGES;
  /** Duration of a fence in seconds, after which it expires. */
  readonly seconds?: number;
}

/**
 * Refuses the wrong writer in one database. Each change is one autocommitted call. One that closes a side takes the locks of all
 * its tables; one that opens it takes none.
 */
export interface Guard {
  /**
   * Returns the deadline of a fence, by the database's clock, or null. Needs an epoch that is newer than the guard's; repeating a
   * change returns the same.
   * @throws TransientFailure if the locks were not acquired in time
   * @throws FencedOut if the guard has a newer epoch or generation
   * @throws ForeignOwner if the guard belongs to another control plane
   * @throws FenceExpired if a seal comes after the fence's deadline
   * @throws WrongState if the change may not start from the guard's state, or would close tables that were renamed or dropped
   */
  setGuard(authority: Authority, change: GuardChange): Promise<string | null>;
  /**
   * Creates the triggers of an open guard, table by table, so that closing it later only takes the locks.
   * @throws TransientFailure if a lock was not acquired in time
   */
  arm(authority: Authority): Promise<void>;
  /**
   * Drops the triggers of an open guard, table by table. The guard stays.
   * @throws TransientFailure if a lock was not acquired in time
   */
  disarm(authority: Authority): Promise<void>;
  /**
   * Sentences about everything that would keep the side from being fenced soon, or from being opened afterwards, each with its
   * remedy: locks, vacuums, and whatever refuses the opening, which is rehearsed and undone. They name no row data.
   */
  fenceObstacles(authority: Authority): Promise<readonly string[]>;
  /** Sentences about the guarded tables that were renamed or dropped since they were registered. */
  changedTables(name: GuardName): Promise<readonly string[]>;
  /** Sentences about the guard's triggers, and the structure of its tables, if they were changed since the side was fenced or darkened. */
  guardChanges(name: GuardName): Promise<readonly string[]>;
  /** Null if this control plane has no guard for the migration. */
  readGuard(name: GuardName): Promise<GuardStatus | null>;
  /** Tables that the migration's guard covers. */
  guardedTables(name: GuardName): Promise<readonly TableName[]>;
  /** Fences every worker: raises the guard's epoch, then revokes the leases in key order. A refused call revokes nothing. */
  revoke(authority: Authority): Promise<void>;
  sequencePosition(authority: Authority, sequence: string): Promise<string>;
  /**
   * Moves a sequence beyond a position and its own; a repeated call returns the same.
   * @throws WrongState if the sequence would have no value left
   */
  advanceSequence(authority: Authority, sequence: string, position: string, gap: number): Promise<string>;
}

/** The roles that Sluice's logins have in one database. */
export interface Logins {
  names(): Promise<LoginNames>;
}

/**
 * Installs and removes objects with the owner's login. Every call may be repeated. Calls with an authority change nothing, and
 * throw FencedOut, WrongState or ForeignOwner, unless it is the guard's.
 */
export interface Installer {
  /** @param authority of the generation that installs: calls of earlier generations are refused from then on */
  install(logins: LoginNames, authority?: Authority): Promise<void>;
  /** Creates tables from the definition's schema files, unless all of them exist; returns how many objects it created. */
  createTables(
    authority: Authority,
    files: readonly string[],
    tables: readonly TableName[],
    logins: LoginNames,
  ): Promise<number>;
  /**
   * Creates the guard, open, over these tables. A newer generation takes over a guard only after its removal.
   * @param workerLogin the login that passes the guard while only Sluice may write
   * @throws ForeignOwner or WrongState, naming the tables that another guard has
   */
  register(authority: Authority, tables: readonly TableName[], workerLogin: string): Promise<void>;
  /** Records once which guarded tables are empty, and returns the others. Called when only Sluice can write. */
  noteEmpty(authority: Authority): Promise<readonly string[]>;
  /**
   * Removes the migration's guard, leases and created objects, empties the tables that were recorded as empty and have not been
   * open since, and drops the schema `sluice` if no other migration uses it. Returns the tables that keep their rows.
   */
  uninstall(authority: Authority): Promise<readonly string[]>;
  /**
   * Starts capturing the changes of a table, under a short lock. Repeating it returns the same.
   * @param logBytesMax size of the change log beyond which the capture counts as lost
   * @throws TransientFailure if the lock was not acquired in time
   */
  startCapture(
    authority: Authority,
    table: string,
    layout: Layout,
    logBytesMax: number,
  ): Promise<CaptureState>;
  /** Removes every capture of this generation and earlier ones, with its triggers, functions and entries. */
  stopCapture(authority: Authority): Promise<void>;
}
