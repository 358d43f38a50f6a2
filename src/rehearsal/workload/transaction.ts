/** A transaction of an action. It collects the effect of every write for the oracle. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Side } from '../../contract/sides';
import type { Effect, Expectation, Oracle } from './oracle';
import {
  addStatement,
  compareStatement,
  deleteStatement,
  insertStatement,
  updateAllStatement,
  updateStatement,
  upsertStatement,
  type Statement,
} from './statements';
import { columnOf, keyOf, keyText, type LiveTable } from './tables';
import type { Row, Value, Values, Writer } from './workload';

/** The action rolled back on purpose. */
export class RolledBack extends Error {}

/** A row is missing, or differs from its acknowledged state. */
export class RowLost extends Error {
  constructor(
    readonly table: string,
    readonly keys: readonly (readonly string[])[],
  ) {
    super(`${keys.length} rows of ${table} differ from their acknowledged state`);
  }
}

export interface TransactionProps {
  readonly client: Client;
  readonly side: Side;
  readonly tables: ReadonlyMap<string, LiveTable>;
  readonly oracle: Oracle;
  readonly writer: number;
  /** Returns numbers in [0, 1). */
  readonly random: () => number;
  /** Unique across all runs of the workload. */
  readonly name: string;
}

export class LiveTransaction implements Writer {
  readonly effects: Effect[] = [];
  /** Milliseconds that the action itself spent waiting. */
  pausedMs = 0;
  private readonly touched = new Set<string>();
  private texts = 0;

  constructor(private readonly props: TransactionProps) {}

  pick(table: string): Row | undefined {
    const pool = this.props.oracle.pool(this.props.writer, table);
    return pool.at(this.random(pool.size));
  }

  pickSome(table: string, count: number): Row[] {
    const pool = this.props.oracle.pool(this.props.writer, table);
    return pool.from(this.random(pool.size), count);
  }

  find(table: string, values: Row): Row[] {
    const wanted = Object.entries(values);
    return this.props.oracle
      .pool(this.props.writer, table)
      .all()
      .filter((row) => wanted.every(([name, value]) => row[name] === value));
  }

  hot(table: string): Row {
    const rows = this.props.oracle.shared(table);
    if (rows.length === 0)
      throw new Error(`the workload has no shared rows of ${table}; list the table under shared`);
    return this.oneOf(rows);
  }

  async insert(table: string, values: Values): Promise<Row> {
    const live = this.table(table);
    const [row] = await this.run(insertStatement(live, this.copiedValues(live, values)));
    return this.recordInsert(live, row);
  }

  async upsert(table: string, values: Values): Promise<Row> {
    const live = this.table(table);
    const written = this.copiedValues(live, values);
    const before = this.known(live, keyOf(live, textsOf(written)));
    if (before?.row != null) await this.assertCopied(live, [before.row]);
    const [row] = await this.run(upsertStatement(live, written));
    return before?.row == null
      ? this.recordInsert(live, row)
      : this.recordChange(live, before.row, row, written);
  }

  async update(table: string, row: Row, changes: Values): Promise<Row> {
    const live = this.table(table);
    await this.assertCopied(live, [row]);
    const written = this.copiedValues(live, changes);
    if (Object.keys(written).length === 0) return row;
    const [made] = await this.run(updateStatement(live, row, written));
    return this.recordChange(live, row, made, written);
  }

  async updateAll(table: string, rows: readonly Row[], changes: Values): Promise<void> {
    const live = this.table(table);
    const written = this.copiedValues(live, changes);
    if (rows.length === 0 || Object.keys(written).length === 0) return;
    await this.assertCopied(live, rows);
    const made = await this.run(updateAllStatement(live, rows, written));
    const byKey = new Map(made.map((row) => [keyText(keyOf(live, row)), row]));
    const missing = rows.map((row) => keyOf(live, row)).filter((key) => !byKey.has(keyText(key)));
    if (missing.length > 0) throw new RowLost(table, missing);
    for (const row of rows) this.recordChange(live, row, byKey.get(keyText(keyOf(live, row))), written);
  }

  async delete(
    table: string,
    row: Row,
    cascaded: Readonly<Record<string, readonly Row[]>> = {},
  ): Promise<void> {
    const live = this.table(table);
    await this.assertCopied(live, [row]);
    for (const [name, rows] of Object.entries(cascaded)) await this.assertCopied(this.table(name), rows);
    const { text, values } = deleteStatement(live, row);
    const { rowCount } = await this.props.client.query(text, values);
    if (rowCount !== 1) throw new RowLost(table, [keyOf(live, row)]);
    this.recordEffect({ table, key: keyOf(live, row), row: null });
    for (const [name, rows] of Object.entries(cascaded))
      for (const gone of rows)
        this.recordEffect({ table: name, key: keyOf(this.table(name), gone), row: null });
  }

  async add(table: string, row: Row, amounts: Readonly<Record<string, number>>): Promise<void> {
    const live = this.table(table);
    const { text, values } = addStatement(live, row, amounts);
    const { rowCount } = await this.props.client.query(text, values);
    if (rowCount !== 1) throw new RowLost(table, [keyOf(live, row)]);
    this.recordEffect({ table, key: keyOf(live, row), add: amounts });
  }

  async pause(ms: number): Promise<void> {
    this.pausedMs += ms;
    await sleep(ms);
  }

  undo(): never {
    throw new RolledBack('the action rolls back');
  }

  random(below: number): number {
    return Math.floor(this.props.random() * below);
  }

  oneOf<T>(choices: readonly T[]): T {
    const choice = choices[this.random(choices.length)];
    if (choice === undefined) throw new Error('oneOf has no choices; pass at least one');
    return choice;
  }

  unique(): string {
    this.texts += 1;
    return `${this.props.name}-${this.texts}`;
  }

  /**
   * Checks rows last written at the other side before this side changes them: they must have been copied unchanged.
   * @throws RowLost
   */
  private async assertCopied(live: LiveTable, rows: readonly Row[]): Promise<void> {
    const foreign = rows.filter((row) => {
      const key = keyOf(live, row);
      const expected = this.props.oracle.expected(live.name, key);
      const isOwn = this.touched.has(`${live.name} ${keyText(key)}`);
      return !isOwn && expected !== undefined && expected.side !== this.props.side;
    });
    if (foreign.length === 0) return;
    const { text, values } = compareStatement(live, foreign);
    const { rows: compared } = await this.props.client.query<{ n: string; same: string }>(text, values);
    const lost = compared.filter(({ same }) => same !== 't').map(({ n }) => foreign[Number(n) - 1]);
    if (lost.length > 0)
      throw new RowLost(
        live.name,
        lost.map((row) => keyOf(live, row ?? {})),
      );
  }

  private async run({ text, values }: Statement): Promise<Row[]> {
    return (await this.props.client.query<Record<string, string | null>>(text, values)).rows;
  }

  private recordInsert(live: LiveTable, row: Row | undefined): Row {
    if (row === undefined) throw new Error(`an insert into ${live.name} returned no row`);
    this.recordEffect({ table: live.name, key: keyOf(live, row), row });
    return row;
  }

  /**
   * Records a changed row. At the source, the database's row is right, including the effects of the application's
   * triggers. At the target, only the written and generated columns are
   * taken from it; the others keep their expected values, which the copy must match.
   */
  private recordChange(live: LiveTable, before: Row, after: Row | undefined, changes: Values): Row {
    if (after === undefined) throw new RowLost(live.name, [keyOf(live, before)]);
    const trusted =
      this.props.side === 'source'
        ? after
        : Object.fromEntries(
            Object.entries(after).filter(([name]) => name in changes || columnOf(live, name).generated),
          );
    const row = { ...before, ...trusted };
    const [old, key] = [keyOf(live, before), keyOf(live, row)];
    if (keyText(old) !== keyText(key)) this.recordEffect({ table: live.name, key: old, row: null });
    this.recordEffect({ table: live.name, key, row });
    return row;
  }

  private recordEffect(effect: Effect): void {
    this.touched.add(`${effect.table} ${keyText(effect.key)}`);
    this.effects.push(effect);
  }

  private known(live: LiveTable, key: readonly string[]): Pick<Expectation, 'row'> | undefined {
    const own = this.effects.findLast(
      (effect) => effect.table === live.name && keyText(effect.key) === keyText(key),
    );
    return own !== undefined && 'row' in own ? own : this.props.oracle.expected(live.name, key);
  }

  /** Returns the values to write on this side: on the target, only columns that are copied unchanged. */
  private copiedValues(live: LiveTable, values: Values): Values {
    if (this.props.side === 'source') return values;
    return Object.fromEntries(Object.entries(values).filter(([name]) => live.isCopied(name)));
  }

  private table(name: string): LiveTable {
    const table = this.props.tables.get(name);
    if (table === undefined)
      throw new Error(
        `the workload writes table ${name}, which is not mapped, or only with a filter; use a table that is mapped without one`,
      );
    return table;
  }
}

const textOf = (value: Value): string | null => (value === null ? null : String(value));

const textsOf = (values: Values): Row =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, textOf(value)]));
