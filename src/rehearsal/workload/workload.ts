/**
 * The type of the default export of `migrations/<name>/workload.ts`: an application that writes during the migration.
 *
 * ```ts
 * import type { Workload } from '../../src/rehearsal/workload';
 *
 * const workload: Workload = {
 *   own: [{ table: 'public.invoices', rows: 500, children: [{ table: 'public.lines', on: { invoice_id: 'id' } }] }],
 *   actions: {
 *     pay: {
 *       weight: 3,
 *       run: async (writer) => {
 *         const invoice = writer.pick('public.invoices');
 *         if (invoice !== undefined) await writer.update('public.invoices', invoice, { paid: true });
 *       },
 *     },
 *   },
 * };
 * export default workload;
 * ```
 *
 * Tables and columns always have their names at the source; at the target, the writers translate them by the mapping.
 */

/** A value to write. The column's type parses strings, e.g. `'now'` for a timestamp. */
export type Value = string | number | boolean | null;
export type Values = Readonly<Record<string, Value>>;

/** A row as the database returns it: the text or null of each column that is copied unchanged. */
export type Row = Readonly<Record<string, string | null>>;

export interface Workload {
  /** Number of concurrent writers, each with its own connection. @default 6 */
  readonly writers?: number;
  /** Mean pause of a writer between two transactions, in milliseconds. @default 25 */
  readonly pauseMs?: number;
  /** Existing rows that the writers change. Each row belongs to one writer. */
  readonly own: readonly OwnedRows[];
  /** Rows whose counters all writers increase. */
  readonly shared?: readonly SharedRows[];
  /** The kinds of transactions, by name. */
  readonly actions: Readonly<Record<string, Action>>;
}

export interface OwnedRows {
  /** A mapped source table. */
  readonly table: string;
  /** Number of rows, sampled from the whole table. */
  readonly rows: number;
  /** Rows that refer to these; each belongs to the writer of its parent. */
  readonly children?: readonly {
    readonly table: string;
    /** Column of the child → column of the parent. */
    readonly on: Readonly<Record<string, string>>;
  }[];
}

export interface SharedRows {
  readonly table: string;
  readonly rows: number;
  /** Columns of an integer type; the only ones that change in these rows. */
  readonly counters: readonly string[];
}

export interface Action {
  /** Relative frequency. */
  readonly weight: number;
  /** Only one writer at a time may run it, e.g. because the transaction is long. @default false */
  readonly alone?: boolean;
  /**
   * One transaction, which is committed when the function returns. If the database refuses it, the function runs again
   * from its start, with the same random numbers.
   */
  run(writer: Writer): Promise<void>;
}

/** A writer in a transaction. It picks its own rows, in their state at the start of the transaction. */
export interface Writer {
  /** Returns one of its rows at random, if it has any. */
  pick(table: string): Row | undefined;
  /** Returns up to `count` of its rows. */
  pickSome(table: string, count: number): Row[];
  /** Returns all of its rows with these values. */
  find(table: string, values: Row): Row[];
  /** Returns one of the shared rows at random. @throws Error if the workload has none */
  hot(table: string): Row;

  /** Returns the inserted row, including generated columns and defaults. The key must be new. */
  insert(table: string, values: Values): Promise<Row>;
  /** INSERT … ON CONFLICT (key) DO UPDATE. The key must be new, or belong to one of its own rows. */
  upsert(table: string, values: Values): Promise<Row>;
  /** May change the key. */
  update(table: string, row: Row, changes: Values): Promise<Row>;
  /** Changes many rows in one statement. Must not change keys. */
  updateAll(table: string, rows: readonly Row[], changes: Values): Promise<void>;
  /** @param cascaded its own rows, by table, that the database deletes together with the row */
  delete(table: string, row: Row, cascaded?: Readonly<Record<string, readonly Row[]>>): Promise<void>;
  /** Adds amounts to counters of a shared row. */
  add(table: string, row: Row, amounts: Readonly<Record<string, number>>): Promise<void>;
  /** Keeps the transaction open for some milliseconds. */
  pause(ms: number): Promise<void>;
  /** Rolls the transaction back, on purpose. */
  undo(): never;

  /** Returns an integer from 0 to `below` - 1. */
  random(below: number): number;
  /** Returns one of the choices at random. */
  oneOf<T>(choices: readonly T[]): T;
  /** Returns a text that no other transaction gets. */
  unique(): string;
}
