/** The ports of the core. Adapters implement them; the core itself calls no AWS, runs no SQL and reads no clock. */

import type { Chunk, Digest, GenerationName } from './ledger';
import type { Layout } from './layout';

/** Time and waiting, passed in. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

/** Identifies who makes a controlling call. The database that the call changes checks it in the same call. */
export interface Authority extends GenerationName {
  /** Drawn from the ledger. The database refuses an epoch that is older than its guard's. */
  readonly epoch: number;
}

/** Names the guard of a migration, on either side. */
export type GuardName = Pick<Authority, 'owner' | 'migration'>;

/** A key as the text of a text array; only the databases interpret it. */
export type Key = string;

/** Half-open: includes `lower`, excludes `upper`; null is unbounded. */
export interface KeyRange {
  readonly lower: Key | null;
  readonly upper: Key | null;
}

export interface PageSize {
  /** Maximum rows of a page. */
  readonly rowsMax: number;
  /** Rows that are sent together in one result row. */
  readonly groupRows: number;
  /** Maximum bytes of one result row; a larger group is reported without its values. */
  readonly groupBytesMax: number;
  /** Maximum bytes of all result rows. */
  readonly bytesMax: number;
}

/** Rows that are sent together: one array literal per sent column; null for a group that was reported without its values. */
export interface Group {
  readonly rows: number;
  readonly bytes: number;
  readonly last: Key;
  readonly columns: readonly string[] | null;
}

/** A row that was measured instead of read: bytes of each sent column's text, null for NULL. */
export interface MeasuredRow {
  readonly key: Key;
  readonly sizes: readonly (number | null)[];
}

/** Reads rows of the side that a generation copies from. */
export interface Reader {
  /**
   * Rows of the range after `after` (null: from its start), in key order. The range ends if there are fewer rows than
   * requested and no oversized group.
   */
  readPage(layout: Layout, range: KeyRange, after: Key | null, size: PageSize): Promise<readonly Group[]>;
  /** First row of the range after `after`, or null at the end. */
  measureRow(layout: Layout, range: KeyRange, after: Key | null): Promise<MeasuredRow | null>;
  /** Key of that row, read without its values. */
  firstKey(layout: Layout, range: KeyRange, after: Key | null): Promise<Key | null>;
  /** Parts `from` (inclusive) to `to` (exclusive) of one column's text, each the base64 of `partBytes` bytes. */
  readSlices(
    layout: Layout,
    key: Key,
    attribute: number,
    from: number,
    to: number,
    partBytes: number,
  ): Promise<readonly string[]>;
  /**
   * Divides the key range into chunks of about `rows` rows.
   * @param percent share of the table's blocks to sample, above 0, at most 100
   */
  boundaries(layout: Layout, rows: number, percent: number, chunksMax: number): Promise<Boundaries>;
  /** The greatest key, in chunk order; null if the table is empty. */
  lastKey(layout: Layout): Promise<Key | null>;
}

/** Boundaries of a table's chunks, estimated from a sample. */
export interface Boundaries {
  readonly rowsEstimated: number;
  readonly keys: readonly Key[];
}

/** Identifies a write under a lease. Each write consumes the next sequence number; repeating one changes nothing. */
export interface Ticket {
  readonly scope: string;
  readonly token: number;
  readonly seq: number;
}

export interface LeaseState extends KeyRange {
  readonly token: number;
  readonly seq: number;
  readonly open: boolean;
  /** Last written key, or null. */
  readonly cursor: Key | null;
}

/**
 * The leases of copiers and appliers, in the database that they write to. Calls with an authority change nothing, and throw
 * FencedOut, WrongState or ForeignOwner, unless it is the guard's.
 */
export interface Leases {
  /** Null: the lease was revoked or has a newer claim. A new `attempt` starts the range over. */
  install(
    authority: Authority,
    scope: string,
    token: number,
    attempt: number,
  ): Promise<(KeyRange & { readonly cursor: Key | null }) | null>;
  read(scope: string): Promise<LeaseState | null>;
  close(scope: string, token: number): Promise<boolean>;
  /**
   * Closes every lease of the generation permanently, in order: no write in flight can take effect afterwards, and no claim with
   * an older epoch can install a lease. Needs an epoch that is newer than the guard's, and sets it.
   */
  closeAll(authority: Authority): Promise<void>;
  /**
   * Creates the leases of a table's chunks, all or none; an existing plan stays. Returns how many there are.
   * @param closedFrom the range from this key on is one more chunk, created closed with token 1, so that no copier claims it
   */
  plan(
    authority: Authority,
    layout: Layout,
    prefix: string,
    boundaries: readonly Key[],
    closedFrom?: Key | null,
  ): Promise<number>;
  /** Creates the lease of a partition, unless it exists. */
  planPartition(authority: Authority, scope: string): Promise<void>;
  /** Keys that a copier skipped because of conflicting rows, recorded by the statement that skipped them. */
  readSkipped(scope: string): Promise<readonly Key[]>;
}

/** Reads what a comparison of both sides needs, with a login that can change nothing. */
export interface Verifier {
  /** Digest of the rows of this side, as they are to be written to the other one. */
  digestFrom(layout: Layout, range: KeyRange): Promise<Digest>;
  /** Digest of the rows that were written to this side. */
  digestTo(layout: Layout, range: KeyRange): Promise<Digest>;
  /** Number of written rows without the parent that a foreign key requires. */
  orphans(layout: Layout, range: KeyRange): Promise<number>;
  readLease(scope: string): Promise<LeaseState | null>;
  /** How often appliers have written to each chunk under the prefix, by chunk number; 0 if absent. */
  touches(prefix: string): Promise<ReadonlyMap<number, number>>;
}

/** The capture of one table in one generation. */
export interface CaptureState {
  readonly table: string;
  /** Marks its log entries. Random, so that no later capture reuses it. Decimal text. */
  readonly id: string;
  /** Why changes may be missing, or null: TRUNCATE, a changed schema or trigger, a log beyond its cap. */
  readonly lost: string | null;
}

/** A dirty key and its current row, read in one snapshot. */
export interface DirtyRow {
  /** Ids of the key's log entries, all visible when the row was read. Decimal texts. */
  readonly entries: readonly string[];
  readonly key: Key;
  /** Age of the oldest of them, in milliseconds, by the database's clock. */
  readonly ageMs: number;
  /** Text of each sent column. `gone`: the row does not exist; `large`: it does not fit into one result row. */
  readonly row: readonly (string | null)[] | 'gone' | 'large';
}

export interface DirtyPage {
  readonly rows: readonly DirtyRow[];
  /** Entry after which to continue; null if no entries follow. */
  readonly next: string | null;
}

export interface DirtyPageSize {
  readonly entriesMax: number;
  /** Maximum bytes of one row's texts; a larger row is reported as `large`. */
  readonly rowBytesMax: number;
  /** Maximum bytes of all rows. */
  readonly bytesMax: number;
}

/** Size of the change log for one table. */
export interface LogDepth {
  readonly table: string;
  readonly entries: number;
  /** Age of the oldest, in milliseconds; 0 if there is none. */
  readonly oldestMs: number;
}

/** A database's change log, read and cleared by appliers. It records only which keys are dirty. */
export interface ChangeLog {
  /** Captures of a generation, one per mapped table, each checked against the schema at its start. */
  captures(of: GenerationName): Promise<readonly CaptureState[]>;
  /**
   * Dirty keys of one partition, starting with the oldest entry after `after` (null: with the first). Partitions hash only the
   * identity's columns, so all keys that a row has while its `chunking.by` changes belong to one applier.
   */
  readDirty(
    layout: Layout,
    capture: string,
    partition: number,
    after: string | null,
    size: DirtyPageSize,
  ): Promise<DirtyPage>;
  /** Deletes exactly these entries of one partition. Safe to repeat at any time. */
  forget(capture: string, partition: number, entries: readonly string[]): Promise<void>;
  /** Marks keys dirty without a change. */
  enqueue(layout: Layout, capture: string, keys: readonly Key[]): Promise<void>;
  /** Partitions of these captures that have entries, and the time of the query. */
  dirtyPartitions(captures: readonly string[]): Promise<DirtyPartitions>;
  depth(of: GenerationName): Promise<readonly LogDepth[]>;
}

export interface DirtyPartitions {
  /** `<capture>/<partition>` */
  readonly dirty: ReadonlySet<string>;
  /** By the database's clock, in milliseconds since 1970. Functions compare these, because their own clocks differ. */
  readonly atMs: number;
}

/** Outcome of an applier's write for one key. */
export type Applied =
  /** Its chunk was never claimed, so its copier will read a later state. */
  | 'dropped'
  /** Its chunk is being copied. */
  | 'left'
  /** The written row is equal. */
  | 'applied'
  /** The database refuses the row. */
  | Refusal;

/** A key and its new row: the texts of the sent columns, or null for a deleted row. */
export interface Change {
  readonly key: Key;
  readonly row: readonly (string | null)[] | null;
}

/**
 * Writes rows of the side that a generation copies to. Every write is one statement under a lease; its result says whether
 * the lease was held, and a write without the lease changes nothing.
 */
export interface Writer {
  clearRange(layout: Layout, range: KeyRange, ticket: Ticket): Promise<boolean>;
  writePage(layout: Layout, ticket: Ticket, groups: readonly Group[]): Promise<boolean>;
  /** Writes a page concurrently with appliers: rows that conflict with others by any unique index are skipped and their keys recorded. */
  writePageConcurrently(layout: Layout, ticket: Ticket, groups: readonly Group[]): Promise<boolean>;
  /** Moves the cursor past a row that is left to an applier, and records its key. */
  skipToApplier(ticket: Ticket, key: Key): Promise<boolean>;
  skipRow(ticket: Ticket, last: Key): Promise<boolean>;
  /** Deletes staged slices. It consumes a sequence number, so that a slice in flight is fenced out. */
  dropSlices(ticket: Ticket): Promise<boolean>;
  stageSlices(ticket: Ticket, attribute: number, from: number, parts: readonly string[]): Promise<boolean>;
  moveStaged(layout: Layout, ticket: Ticket, last: Key): Promise<boolean>;
  /** Current verdicts of the leases of the keys' chunks; a later write decides again. */
  placeKeys(
    layout: Layout,
    prefix: string,
    keys: readonly Key[],
  ): Promise<readonly ('dropped' | 'left' | 'closed')[]>;
  /**
   * Applies the changes whose chunk is closed, all or none, and records which chunks were written to. Null: the lease was not
   * held. Throws an error that `refusalOf` recognizes if a row cannot be written.
   */
  applyRows(
    layout: Layout,
    prefix: string,
    ticket: Ticket,
    changes: readonly Change[],
  ): Promise<readonly Applied[] | null>;
  /** Applies changes row by row in one call: unique values are swapped by parking them, and rows that stay refused are skipped. */
  applyEach(
    layout: Layout,
    prefix: string,
    ticket: Ticket,
    changes: readonly Change[],
  ): Promise<readonly Applied[] | null>;
  /** Applies one staged row. */
  applyStaged(layout: Layout, prefix: string, ticket: Ticket, key: Key): Promise<Applied | null>;
  /**
   * Gives a row temporary unique values, so that rows that need its own values can be written. The row then differs, so its
   * entries stay. Null: the lease was not held.
   */
  parkRow(layout: Layout, prefix: string, ticket: Ticket, key: Key): Promise<Applied | null>;
}

/**
 * The distinctions that rules make. `duplicate`, `exclusion`: the row conflicts with another one, which writing that row may resolve.
 * `invalid value`: an expression or a type cannot produce a value.
 */
export type RefusalKind = 'duplicate' | 'exclusion' | 'invalid value' | 'other';

/** The parts of a refusal that may leave the process: not its message, which may quote the row. */
export interface Refusal {
  readonly kind: RefusalKind;
  readonly sqlState: string | null;
  readonly constraint: string | null;
}

/** Returns the refusal if the database refused the statement's data, and null for every other failure. */
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
