/** The rows that the databases must hold, as recorded by the writers alone. */
import type { Side } from '../../contract/sides';
import { Pool } from './pool';
import { keyText } from './tables';
import type { Row } from './workload';

/** A transaction's effect on one row. */
export type Effect =
  /** The new row; null if it was deleted. */
  | { readonly table: string; readonly key: readonly string[]; readonly row: Row | null }
  /** Amounts added to counters of a shared row. */
  | {
      readonly table: string;
      readonly key: readonly string[];
      readonly add: Readonly<Record<string, number>>;
    };

export interface Transaction {
  readonly number: number;
  readonly writer: number;
  readonly side: Side;
  /** The database's transaction ID, for `pg_xact_status`. */
  readonly xid: string;
  readonly effects: readonly Effect[];
}

/** A row that existed before the writers started. */
export interface AdoptedRow {
  readonly table: string;
  readonly key: readonly string[];
  readonly row: Row;
  /** Null if all writers share the row. */
  readonly owner: number | null;
}

export interface Expectation {
  readonly key: readonly string[];
  /** Null if the row must not exist. */
  row: Row | null;
  /** The side of its last write. */
  side: Side;
  /** True if a writer found it different from its acknowledged state. */
  lost: boolean;
}

export class Oracle {
  private readonly tables = new Map<string, Map<string, Expectation>>();
  private readonly pools = new Map<string, Pool>();
  private readonly sharedRows = new Map<string, string[]>();

  constructor(private readonly writers: number) {}

  adopt(rows: readonly AdoptedRow[]): void {
    for (const { table, key, row, owner } of rows) {
      const text = keyText(key);
      this.of(table).set(text, { key, row, side: 'source', lost: false });
      if (owner === null) this.sharedRows.set(table, [...(this.sharedRows.get(table) ?? []), text]);
      else this.pool(owner, table).set(text, row);
    }
  }

  /** Records a committed transaction. */
  commit({ writer, side, effects }: Transaction): void {
    for (const effect of effects) {
      const text = keyText(effect.key);
      const rows = this.of(effect.table);
      const found = rows.get(text);
      if ('add' in effect) {
        if (found?.row == null) throw new Error(`${effect.table} has no such shared row in the oracle`);
        found.row = added(found.row, effect.add);
        found.side = side;
        continue;
      }
      const { key, row } = effect;
      rows.set(text, { key, row, side, lost: found?.lost ?? false });
      if (row === null) this.pool(writer, effect.table).delete(text);
      else this.pool(writer, effect.table).set(text, row);
    }
  }

  /** Records a transaction that was not committed. The rows that it inserted must not exist. */
  undo(side: Side, effects: readonly Effect[]): void {
    for (const { table, key } of effects) {
      const text = keyText(key);
      if (!this.of(table).has(text)) this.of(table).set(text, { key, row: null, side, lost: false });
    }
  }

  /** Records a missing or different row, which the writers no longer use. Returns false if it was already recorded. */
  lose(writer: number, table: string, key: readonly string[]): boolean {
    const text = keyText(key);
    this.pool(writer, table).delete(text);
    const found = this.of(table).get(text);
    if (found === undefined || found.lost) return false;
    found.lost = true;
    return true;
  }

  expected(table: string, key: readonly string[]): Expectation | undefined {
    return this.of(table).get(keyText(key));
  }

  /** Returns the expected rows of a table. */
  expectations(table: string): readonly Expectation[] {
    return [...this.of(table).values()];
  }

  /** Returns the rows of a writer, which only this writer changes. */
  pool(writer: number, table: string): Pool {
    const name = `${writer % this.writers} ${table}`;
    const pool = this.pools.get(name) ?? new Pool();
    this.pools.set(name, pool);
    return pool;
  }

  /** Returns the rows that all writers share. */
  shared(table: string): Row[] {
    const rows = (this.sharedRows.get(table) ?? []).map((text) => this.of(table).get(text)?.row ?? null);
    return rows.filter((row) => row !== null);
  }

  private of(table: string): Map<string, Expectation> {
    const rows = this.tables.get(table) ?? new Map<string, Expectation>();
    this.tables.set(table, rows);
    return rows;
  }
}

/** Counters are whole numbers of any size. */
function added(row: Row, amounts: Readonly<Record<string, number>>): Row {
  const counters = Object.entries(amounts).map(([name, amount]) => [
    name,
    String(BigInt(row[name] ?? 0) + BigInt(amount)),
  ]);
  return { ...row, ...(Object.fromEntries(counters) as Row) };
}
