/**
 * Types for `migrations/<name>/workload.ts`: an application that writes while its tables move.
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
 * Tables and columns go by the source's names throughout; at the target, the mapping's names are written.
 */

/** A value to write; texts are read as the column's type reads them, e.g. `'now'` for a timestamp. */
export type Value = string | number | boolean | null;
export type Values = Readonly<Record<string, Value>>;

/** A row as the database puts it out: the text of each travelling column, or null. */
export type Row = Readonly<Record<string, string | null>>;

export interface Workload {
  /** Writers that work at the same time, each over a connection of its own. @default 6 */
  readonly writers?: number;
  /** Mean pause of a writer between two transactions, in milliseconds. @default 25 */
  readonly pauseMs?: number;
  /** Rows that are there already and that the writers change. Each is dealt to one writer, and is its alone. */
  readonly own: readonly OwnedRows[];
  /** Rows that all writers add to. */
  readonly shared?: readonly SharedRows[];
  /** Kinds of transactions, by name. */
  readonly actions: Readonly<Record<string, Action>>;
}

export interface OwnedRows {
  /** A mapped source table. */
  readonly table: string;
  /** How many to deal, drawn from all over the table. */
  readonly rows: number;
  /** Rows that refer to these: each goes with its parent. */
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
  /** How often it is chosen, relative to the others. */
  readonly weight: number;
  /** Bounds it to one writer at a time: for transactions that are long. @default false */
  readonly alone?: boolean;
  /**
   * One transaction, committed when it returns. It may be run again from its start, with the same random numbers, where
   * the database refused it.
   */
  run(writer: Writer): Promise<void>;
}

/** A writer in a transaction. It picks its own rows, as of the transaction's start. */
export interface Writer {
  /** One of its rows at random, if it has any. */
  pick(table: string): Row | undefined;
  /** Up to so many of its rows. */
  pickSome(table: string, count: number): Row[];
  /** All of its rows with these values. */
  find(table: string, values: Row): Row[];
  /** One of the rows that all writers share. @throws Error if the workload declares none */
  hot(table: string): Row;

  /** Returns the row as the database made it. The key must be new. */
  insert(table: string, values: Values): Promise<Row>;
  /** INSERT … ON CONFLICT (key) DO UPDATE. The key must be new, or of a row of its own. */
  upsert(table: string, values: Values): Promise<Row>;
  /** May change the key. */
  update(table: string, row: Row, changes: Values): Promise<Row>;
  /** One statement that changes many rows, but no key. */
  updateAll(table: string, rows: readonly Row[], changes: Values): Promise<void>;
  /** @param cascaded rows of its own, by table, that the database deletes with it */
  delete(table: string, row: Row, cascaded?: Readonly<Record<string, readonly Row[]>>): Promise<void>;
  /** Adds to counters of a shared row. */
  add(table: string, row: Row, amounts: Readonly<Record<string, number>>): Promise<void>;
  /** Holds the transaction open. */
  pause(ms: number): Promise<void>;
  /** Rolls the transaction back, on purpose. */
  undo(): never;

  /** A whole number from 0 up to, but not including, `below`. */
  random(below: number): number;
  /** One of these, at random. */
  oneOf<T>(choices: readonly T[]): T;
  /** A text that no other transaction gets. */
  unique(): string;
}
