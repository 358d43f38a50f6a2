/** What the rules ask of the world. Adapters answer; the rules know no AWS, no SQL, no clock. */

import type { Side } from '../contract/sides';
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

/** Reads rows of the side that a generation copies from. */
export interface Reader {
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
  /**
   * Cuts the key range into chunks of about `rows` rows.
   * @param percent share of the table's blocks to sample, above 0, at most 100
   */
  boundaries(layout: Layout, rows: number, percent: number, chunksMax: number): Promise<Boundaries>;
  /** The greatest key, in chunk order; null if the table is empty. */
  lastKey(layout: Layout): Promise<Key | null>;
}

/** Where a table's chunks end, from samples. */
export interface Boundaries {
  readonly rowsEstimated: number;
  readonly keys: readonly Key[];
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
  /** Last key that was written, or null. */
  readonly cursor: Key | null;
}

/** The leases of copiers and appliers, in the database that they write to. */
export interface Leases {
  /** Null: revoked, or a newer claim rules. A new `attempt` starts the range over. */
  install(
    migration: string,
    scope: string,
    token: number,
    attempt: number,
  ): Promise<(KeyRange & { readonly cursor: Key | null }) | null>;
  read(scope: string): Promise<LeaseState | null>;
  close(scope: string, token: number): Promise<boolean>;
  /** Closes every lease under the prefix for good, in its order: no write that is still on its way can take effect. */
  closeAll(prefix: string): Promise<void>;
  /**
   * Creates the leases of a table's chunks, all or none; an existing plan stays. Returns how many there are.
   * @param closedFrom the range from this key on is one more chunk, closed from birth with token 1: no copier takes it
   */
  plan(layout: Layout, prefix: string, boundaries: readonly Key[], closedFrom?: Key | null): Promise<number>;
  /** Creates the lease of a partition, unless it exists. */
  planPartition(scope: string): Promise<void>;
  /** Keys that a copier left out because other rows were in their place, kept by the statement that left them out. */
  readSkipped(scope: string): Promise<readonly Key[]>;
  /** How often appliers have touched each chunk under the prefix, by the chunk's number; 0 if absent. */
  touches(prefix: string): Promise<ReadonlyMap<number, number>>;
}

/** The capture of one table in one generation. */
export interface CaptureState {
  readonly table: string;
  /** Names its entries; drawn at random, so that no later capture ever has it again. Decimal text. */
  readonly id: string;
  /** Why changes may be missing, or null: TRUNCATE, a changed schema or trigger, a log beyond its cap. */
  readonly lost: string | null;
}

/** A dirty key and what it names now, read in one snapshot. */
export interface DirtyRow {
  /** Entries of the change log that name the key; all were visible when the row was read. Decimal texts. */
  readonly entries: readonly string[];
  readonly key: Key;
  /** Age of the oldest of them, in milliseconds, by the database's clock. */
  readonly ageMs: number;
  /** Text of each travelling column. `gone`: there is no such row; `large`: it does not travel in one result row. */
  readonly row: readonly (string | null)[] | 'gone' | 'large';
}

export interface DirtyPage {
  readonly rows: readonly DirtyRow[];
  /** Where to scan on from; null: no entry is left behind these. */
  readonly next: string | null;
}

export interface DirtyPageSize {
  readonly entriesMax: number;
  /** Bytes of one row's texts, at most: a larger row is announced, not sent. */
  readonly rowBytesMax: number;
  /** Bytes of all rows, at most. */
  readonly bytesMax: number;
}

/** What the change log holds for one table. */
export interface LogDepth {
  readonly table: string;
  readonly entries: number;
  /** Age of the oldest, in milliseconds; 0 if there is none. */
  readonly oldestMs: number;
}

/** A database's change log, read and cleared by appliers. It says which keys are dirty, nothing else. */
export interface ChangeLog {
  /** Captures of a generation, one for each mapped table, each checked against what the schema was when it began. */
  captures(migration: string, generation: number): Promise<readonly CaptureState[]>;
  /**
   * Dirty keys of one partition, from the oldest entry behind `after` (null: from the first). A partition is a slice of the
   * hash of the identity's columns alone: every key that a row takes while `chunking.by` changes is one applier's.
   */
  readDirty(
    layout: Layout,
    capture: string,
    partition: number,
    after: string | null,
    size: DirtyPageSize,
  ): Promise<DirtyPage>;
  /** Forgets exactly these entries. Safe to repeat, at any time. */
  forget(capture: string, entries: readonly string[]): Promise<void>;
  /** Makes keys dirty, without a change. */
  enqueue(layout: Layout, capture: string, keys: readonly Key[]): Promise<void>;
  /** Which partitions of these captures hold entries, and when that was asked. */
  dirtyPartitions(captures: readonly string[]): Promise<DirtyPartitions>;
  depth(migration: string, generation: number): Promise<readonly LogDepth[]>;
}

export interface DirtyPartitions {
  /** `<capture>/<partition>` */
  readonly dirty: ReadonlySet<string>;
  /** By the database's clock, in milliseconds since 1970. Functions compare it among each other: their own clocks differ. */
  readonly atMs: number;
}

/** What became of one key in an applier's write. */
export type Applied =
  /** Its chunk was never claimed: whoever copies it reads a later state. */
  | 'dropped'
  /** Its chunk is being copied. */
  | 'left'
  /** The written row is equal. */
  | 'applied'
  /** The database refuses the row. */
  | Refusal;

/** A key with what it is to become: the texts of the travelling columns, or null for a row that is gone. */
export interface Change {
  readonly key: Key;
  readonly row: readonly (string | null)[] | null;
}

/**
 * Writes rows of the side that a generation copies to. Every write is one statement under a lease; its result says whether its
 * fence held, and one that did not hold changed nothing.
 */
export interface Writer {
  clearRange(layout: Layout, range: KeyRange, ticket: Ticket): Promise<boolean>;
  writePage(layout: Layout, ticket: Ticket, groups: readonly Group[]): Promise<boolean>;
  /** Writes a page while appliers write too: rows in whose place other rows are, by any unique index, are left out and their keys kept. */
  writePageBeside(layout: Layout, ticket: Ticket, groups: readonly Group[]): Promise<boolean>;
  /** Moves the cursor over a row that is left to an applier, and keeps its key. */
  leaveKey(ticket: Ticket, key: Key): Promise<boolean>;
  skipRow(ticket: Ticket, last: Key): Promise<boolean>;
  /** Forgets what was staged. A write of its own: a slice that is still on its way finds its number gone. */
  dropSlices(ticket: Ticket): Promise<boolean>;
  stageSlices(ticket: Ticket, attribute: number, from: number, parts: readonly string[]): Promise<boolean>;
  moveStaged(layout: Layout, ticket: Ticket, last: Key): Promise<boolean>;
  digest(layout: Layout, range: KeyRange): Promise<Digest>;
  orphans(layout: Layout, range: KeyRange): Promise<number>;
  /** What the leases of the keys' chunks say now; a write decides anew. */
  placeKeys(
    layout: Layout,
    prefix: string,
    keys: readonly Key[],
  ): Promise<readonly ('dropped' | 'left' | 'closed')[]>;
  /**
   * Applies changes to those keys whose chunk is closed, all or none, and notes which chunks were touched. Null: the fence
   * did not hold. Throws a refusal that `refusalOf` reads if a row cannot be written.
   */
  applyRows(
    layout: Layout,
    prefix: string,
    ticket: Ticket,
    changes: readonly Change[],
  ): Promise<readonly Applied[] | null>;
  /** The same row by row, in one call: unique values are swapped by parking them, and rows that stay refused are left out. */
  applyEach(
    layout: Layout,
    prefix: string,
    ticket: Ticket,
    changes: readonly Change[],
  ): Promise<readonly Applied[] | null>;
  /** Applies one staged row. */
  applyStaged(layout: Layout, prefix: string, ticket: Ticket, key: Key): Promise<Applied | null>;
  /**
   * Gives a row of the applier's unique values that no row has, so that those which wait for its own get through. It is not
   * equal then: its entries stay. Null: the fence did not hold.
   */
  parkRow(layout: Layout, prefix: string, ticket: Ticket, key: Key): Promise<Applied | null>;
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

/** A guard as its database has it. `expired`: a fence whose deadline has passed, so that it accepts writes again. */
export interface GuardStatus {
  readonly epoch: number;
  readonly state: GuardState;
  readonly expired: boolean;
}

export interface GuardChange {
  readonly migration: string;
  /** From the control table; the database refuses one that is not newer than its own. */
  readonly epoch: number;
  readonly state: GuardState;
  /** States that the change may start from. */
  readonly from: readonly GuardState[];
  /** Duration of a fence in seconds, after which it expires. */
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
  readGuard(migration: string): Promise<GuardStatus | null>;
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
  /** Creates tables from the definition's schema files, unless all of them exist; returns how many objects it created. */
  createTables(
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
  /**
   * Captures changes of a table from now on, under a short lock. Repeated, it answers what it did.
   * @param logBytesMax size of the change log beyond which the capture is given up
   * @throws TransientFailure if the lock could not be had in time
   */
  startCapture(
    migration: string,
    generation: number,
    table: string,
    layout: Layout,
    logBytesMax: number,
  ): Promise<CaptureState>;
  /** Removes every capture of a migration, with its triggers, functions and entries. */
  stopCapture(migration: string): Promise<void>;
}

/** One side of a migration: all that Sluice does in its database. The parts connect when they are used. */
export interface End {
  readonly side: Side;
  readonly reader: Reader;
  readonly writer: Writer;
  readonly log: ChangeLog;
  readonly guard: Guard;
  readonly leases: Leases;
  readonly installer: Installer;
}

export type Ends = Readonly<Record<Side, End>>;
