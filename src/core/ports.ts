/** What the rules ask of the world. Adapters answer; the rules know no AWS, no SQL, no clock. */

import type { TableName } from './identifier';
import type { Chunk, Digest } from './ledger';
import type { Layout } from './layout';

/** Time and waiting, passed in. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

/** A key as the text of a text array; only the databases look inside. */
export type Key = string;

/** Half-open: from `lower` up to, without, `upper`; null is unbounded. */
export interface KeyRange {
  readonly lower: Key | null;
  readonly upper: Key | null;
}

export interface PageSize {
  /** Rows that the page holds at most. */
  readonly rowsMax: number;
  /** Rows that travel together in one result row. */
  readonly groupRows: number;
  /** Bytes of one result row, at most: a larger group is announced, not sent. */
  readonly groupBytesMax: number;
  /** Bytes of all result rows, at most. */
  readonly bytesMax: number;
}

/** Rows that travel together: one array literal per travelling column; null for a group that was only announced. */
export interface Group {
  readonly rows: number;
  readonly bytes: number;
  readonly last: Key;
  readonly columns: readonly string[] | null;
}

/** A row measured instead of read: bytes of each travelling column's text, null for NULL. */
export interface MeasuredRow {
  readonly key: Key;
  readonly sizes: readonly (number | null)[];
}

export interface SourceTable {
  /** Rows of the range after `after` (null: from its start), in key order. Fewer rows than asked, and no announced group: the end. */
  readPage(layout: Layout, range: KeyRange, after: Key | null, size: PageSize): Promise<readonly Group[]>;
  /** First row of the range after `after`, or null at the end. */
  measureRow(layout: Layout, range: KeyRange, after: Key | null): Promise<MeasuredRow | null>;
  /** Key of that row, read without its values. */
  firstKey(layout: Layout, range: KeyRange, after: Key | null): Promise<Key | null>;
  /** Parts `from` up to, without, `to` of one column's text: base64 of `partBytes` bytes each. */
  readSlices(
    layout: Layout,
    key: Key,
    attribute: number,
    from: number,
    to: number,
    partBytes: number,
  ): Promise<readonly string[]>;
  digest(layout: Layout, range: KeyRange): Promise<Digest>;
}

/** Number of a write under a lease. Each write consumes the next; the same number again changes nothing. */
export interface Ticket {
  readonly scope: string;
  readonly token: number;
  readonly seq: number;
}

export interface LeaseState extends KeyRange {
  readonly token: number;
  readonly seq: number;
  readonly open: boolean;
  /** Last key that is in the target, or null. */
  readonly cursor: Key | null;
}

/** Every write answers whether its fence held; one that did not hold changed nothing. */
export interface TargetTable {
  /** Null: revoked, or a newer claim rules. A new `life` starts the range over. */
  installLease(
    migration: string,
    scope: string,
    token: number,
    life: number,
  ): Promise<(KeyRange & { readonly cursor: Key | null }) | null>;
  readLease(scope: string): Promise<LeaseState | null>;
  closeLease(scope: string, token: number): Promise<boolean>;
  clearRange(layout: Layout, range: KeyRange, ticket: Ticket): Promise<boolean>;
  writePage(layout: Layout, ticket: Ticket, groups: readonly Group[]): Promise<boolean>;
  skipRow(ticket: Ticket, last: Key): Promise<boolean>;
  dropSlices(ticket: Ticket): Promise<void>;
  stageSlices(ticket: Ticket, attribute: number, from: number, parts: readonly string[]): Promise<boolean>;
  moveStaged(layout: Layout, ticket: Ticket, last: Key): Promise<boolean>;
  digest(layout: Layout, range: KeyRange): Promise<Digest>;
  orphans(layout: Layout, range: KeyRange): Promise<number>;
}

/** What a refused statement tells outside of the database; never its message, which may quote the row. */
export interface Refusal {
  readonly sqlState: string | null;
  readonly constraint: string | null;
}

/** The database refused the statement because of what it carries: null for every other failure. */
export type RefusalOf = (error: unknown) => Refusal | null;

/** Progress since the claim, for the checkpoint. */
export interface CopyProgress {
  readonly pages: number;
  readonly rows: number;
  readonly bytes: number;
  readonly skipped: number;
}

/** The ledger of one claimed chunk. Every write is conditional on the claim's token. @throws FencedOut */
export interface ChunkLedger {
  checkpoint(chunk: Chunk, progress: CopyProgress): Promise<void>;
  reportRow(chunk: Chunk, hashedKey: string, refusal: Refusal): Promise<void>;
  close(chunk: Chunk, progress: CopyProgress): Promise<void>;
}

export type GuardState = 'open' | 'fenced' | 'sealed' | 'dark' | 'revoked';

export interface GuardChange {
  readonly migration: string;
  /** From the control table; the database refuses one that is not newer than its own. */
  readonly epoch: number;
  readonly state: GuardState;
  /** States that the change may start from. */
  readonly from: readonly GuardState[];
  /** Life of a fence in seconds, after which it opens itself. */
  readonly seconds?: number;
  /** Lets Sluice's own worker through. */
  readonly exempt?: boolean;
}

/** One database's refusal of the wrong writer, changed by one autocommitted call that takes every lock it needs. */
export interface Guard {
  /**
   * Returns the instant at which a fence opens itself, by the database's clock, or null. The same change again is the same.
   * @throws TransientFailure if the locks could not be had in time
   * @throws FencedOut if a newer epoch rules
   * @throws FenceExpired if a seal came after the fence had opened itself
   */
  setGuard(change: GuardChange): Promise<string | null>;
  /** Null if nothing is installed for the migration. */
  readGuard(migration: string): Promise<{ epoch: number; state: GuardState; expired: boolean } | null>;
  /** Fences every worker: raises the database's epoch, then revokes the leases in key order. */
  revoke(migration: string, epoch: number): Promise<void>;
  /** The worker's own login. */
  login(): Promise<string>;
  sequencePosition(sequence: string): Promise<string>;
  advanceSequence(sequence: string, position: string, gap: number): Promise<string>;
}

/** What the owner's login installs and removes. Every call may be repeated. */
export interface Installer {
  install(workerLogin: string): Promise<void>;
  /** Makes the target's schema, unless every table is there; returns how many objects came to be. */
  createTarget(
    migration: string,
    files: readonly string[],
    tables: readonly TableName[],
    workerLogin: string,
  ): Promise<number>;
  /** Names the tables that the migration's guard covers. */
  register(migration: string, epoch: number, tables: readonly TableName[]): Promise<void>;
  /** Notes, once, which guarded tables hold no rows, and returns those that do. Called when nobody else can write. */
  noteEmpty(migration: string): Promise<readonly string[]>;
  /**
   * Removes the migration's guard and leases and the objects that were created for it, empties the tables that were noted
   * to be empty, and drops the schema `sluice` when no other migration uses it. Returns the tables that keep their rows.
   */
  uninstall(migration: string): Promise<readonly string[]>;
}
