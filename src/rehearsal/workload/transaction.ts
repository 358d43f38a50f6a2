/** A transaction as an action sees it: every write is recorded in the oracle with its effects. */
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

/** The action rolls back on purpose. */
export class Undone extends Error {}

/** A row is not there, or is not what was acknowledged. */
export class RowLost extends Error {
  constructor(
    readonly table: string,
    readonly keys: readonly (readonly string[])[],
  ) {
    super(`${keys.length} rows of ${table} are not as they were acknowledged`);
  }
}

export interface TransactionProps {
  readonly client: Client;
  readonly side: Side;
  readonly tables: ReadonlyMap<string, LiveTable>;
  readonly oracle: Oracle;
  readonly writer: number;
  /** Numbers in [0, 1). */
  readonly draw: () => number;
  /** Unique over all runs of the workload. */
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
    if (rows.length === 0) throw new Error(`the workload shares no rows of ${table}`);
    return this.oneOf(rows);
  }

  async insert(table: string, values: Values): Promise<Row> {
    const live = this.table(table);
    const [row] = await this.run(insertStatement(live, this.travelling(live, values)));
    return this.made(live, row);
  }

  async upsert(table: string, values: Values): Promise<Row> {
    const live = this.table(table);
    const written = this.travelling(live, values);
    const before = this.known(live, keyOf(live, textsOf(written)));
    if (before?.row != null) await this.confirm(live, [before.row]);
    const [row] = await this.run(upsertStatement(live, written));
    return before?.row == null ? this.made(live, row) : this.changed(live, before.row, row, written);
  }

  async update(table: string, row: Row, changes: Values): Promise<Row> {
    const live = this.table(table);
    await this.confirm(live, [row]);
    const written = this.travelling(live, changes);
    if (Object.keys(written).length === 0) return row;
    const [made] = await this.run(updateStatement(live, row, written));
    return this.changed(live, row, made, written);
  }

  async updateAll(table: string, rows: readonly Row[], changes: Values): Promise<void> {
    const live = this.table(table);
    const written = this.travelling(live, changes);
    if (rows.length === 0 || Object.keys(written).length === 0) return;
    await this.confirm(live, rows);
    const made = await this.run(updateAllStatement(live, rows, written));
    const byKey = new Map(made.map((row) => [keyText(keyOf(live, row)), row]));
    const missing = rows.map((row) => keyOf(live, row)).filter((key) => !byKey.has(keyText(key)));
    if (missing.length > 0) throw new RowLost(table, missing);
    for (const row of rows) this.changed(live, row, byKey.get(keyText(keyOf(live, row))), written);
  }

  async delete(
    table: string,
    row: Row,
    cascaded: Readonly<Record<string, readonly Row[]>> = {},
  ): Promise<void> {
    const live = this.table(table);
    await this.confirm(live, [row]);
    for (const [name, rows] of Object.entries(cascaded)) await this.confirm(this.table(name), rows);
    const { text, values } = deleteStatement(live, row);
    const { rowCount } = await this.props.client.query(text, values);
    if (rowCount !== 1) throw new RowLost(table, [keyOf(live, row)]);
    this.note({ table, key: keyOf(live, row), row: null });
    for (const [name, rows] of Object.entries(cascaded))
      for (const gone of rows) this.note({ table: name, key: keyOf(this.table(name), gone), row: null });
  }

  async add(table: string, row: Row, amounts: Readonly<Record<string, number>>): Promise<void> {
    const live = this.table(table);
    const { text, values } = addStatement(live, row, amounts);
    const { rowCount } = await this.props.client.query(text, values);
    if (rowCount !== 1) throw new RowLost(table, [keyOf(live, row)]);
    this.note({ table, key: keyOf(live, row), add: amounts });
  }

  async pause(ms: number): Promise<void> {
    this.pausedMs += ms;
    await sleep(ms);
  }

  undo(): never {
    throw new Undone('the action rolls back');
  }

  random(below: number): number {
    return Math.floor(this.props.draw() * below);
  }

  oneOf<T>(choices: readonly T[]): T {
    const choice = choices[this.random(choices.length)];
    if (choice === undefined) throw new Error('there is nothing to choose from');
    return choice;
  }

  unique(): string {
    this.texts += 1;
    return `${this.props.name}-${this.texts}`;
  }

  /**
   * A row that the writers left on the other side must have come over as it was, before anyone may say what it is now.
   * @throws RowLost
   */
  private async confirm(live: LiveTable, rows: readonly Row[]): Promise<void> {
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

  private made(live: LiveTable, row: Row | undefined): Row {
    if (row === undefined) throw new Error(`an insert into ${live.name} made no row`);
    this.note({ table: live.name, key: keyOf(live, row), row });
    return row;
  }

  /**
   * Reads the current row. The source is authoritative, with the application's triggers. At the target, only
   * what was written counts: whatever else the row holds there is to be proven, not believed.
   */
  private changed(live: LiveTable, before: Row, after: Row | undefined, changes: Values): Row {
    if (after === undefined) throw new RowLost(live.name, [keyOf(live, before)]);
    const believed =
      this.props.side === 'source'
        ? after
        : Object.fromEntries(
            Object.entries(after).filter(([name]) => name in changes || columnOf(live, name).generated),
          );
    const row = { ...before, ...believed };
    const [old, key] = [keyOf(live, before), keyOf(live, row)];
    if (keyText(old) !== keyText(key)) this.note({ table: live.name, key: old, row: null });
    this.note({ table: live.name, key, row });
    return row;
  }

  private note(effect: Effect): void {
    this.touched.add(`${effect.table} ${keyText(effect.key)}`);
    this.effects.push(effect);
  }

  private known(live: LiveTable, key: readonly string[]): Pick<Expectation, 'row'> | undefined {
    const own = this.effects.findLast(
      (effect) => effect.table === live.name && keyText(effect.key) === keyText(key),
    );
    return own !== undefined && 'row' in own ? own : this.props.oracle.expected(live.name, key);
  }

  /** Omitted columns are not written at the target. */
  private travelling(live: LiveTable, values: Values): Values {
    if (this.props.side === 'source') return values;
    return Object.fromEntries(Object.entries(values).filter(([name]) => live.travels(name)));
  }

  private table(name: string): LiveTable {
    const table = this.props.tables.get(name);
    if (table === undefined) throw new Error(`the workload writes ${name}, which is not mapped as a whole`);
    return table;
  }
}

const textOf = (value: Value): string | null => (value === null ? null : String(value));

const textsOf = (values: Values): Row =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, textOf(value)]));
