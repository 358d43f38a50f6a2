/** The writers' statements. Values are sent as text, which the column's type parses. */
import { columnOf, type LiveTable } from './tables';
import type { Row, Value, Values } from './workload';

export interface Statement {
  readonly text: string;
  readonly values: unknown[];
}

/** Collects parameters, and returns their placeholders. */
class Parameters {
  readonly values: unknown[] = [];

  add(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

const textOf = (value: Value): string | null => (value === null ? null : String(value));

/** A list of every column, under its name at the source. */
export const columnList = (table: LiveTable): string =>
  [...table.columns].map(([name, { quoted }]) => `t.${quoted} AS "${name.replaceAll('"', '""')}"`).join(', ');

function keyIs(table: LiveTable, row: Row, parameters: Parameters): string {
  return table.key
    .map((name) => `t.${columnOf(table, name).quoted} = ${parameters.add(row[name] ?? null)}`)
    .join(' AND ');
}

/** A subquery of keys, sent as text and cast to the columns' types. */
function keysOf(table: LiveTable, rows: readonly Row[], parameters: Parameters): string {
  const arrays = table.key.map(
    (name) => `CAST(${parameters.add(rows.map((row) => row[name] ?? null))} AS text[])`,
  );
  const casts = table.key.map((name, index) => `CAST(e.k${index} AS ${columnOf(table, name).type})`);
  return `(SELECT ${casts.join(', ')} FROM unnest(${arrays.join(', ')}) AS e(${table.key.map((_, index) => `k${index}`).join(', ')}))`;
}

const keyIsIn = (table: LiveTable, rows: readonly Row[], parameters: Parameters): string =>
  `(${table.key.map((name) => `t.${columnOf(table, name).quoted}`).join(', ')}) IN ${keysOf(table, rows, parameters)}`;

const assignments = (table: LiveTable, changes: Values, parameters: Parameters): string =>
  Object.entries(changes)
    .map(([name, value]) => `${columnOf(table, name).quoted} = ${parameters.add(textOf(value))}`)
    .join(', ');

export function insertStatement(table: LiveTable, values: Values): Statement {
  const parameters = new Parameters();
  const names = Object.keys(values).map((name) => columnOf(table, name).quoted);
  const places = Object.values(values).map((value) => parameters.add(textOf(value)));
  return {
    text: `INSERT INTO ${table.quoted} AS t (${names.join(', ')}) VALUES (${places.join(', ')}) RETURNING ${columnList(table)}`,
    values: parameters.values,
  };
}

export function upsertStatement(table: LiveTable, values: Values): Statement {
  const { text, values: given } = insertStatement(table, values);
  const changed = Object.keys(values)
    .filter((name) => !table.key.includes(name))
    .map((name) => columnOf(table, name).quoted);
  const key = table.key.map((name) => columnOf(table, name).quoted).join(', ');
  const update = changed.map((quoted) => `${quoted} = excluded.${quoted}`).join(', ');
  return {
    text: text.replace(' RETURNING ', ` ON CONFLICT (${key}) DO UPDATE SET ${update} RETURNING `),
    values: given,
  };
}

export function updateStatement(table: LiveTable, row: Row, changes: Values): Statement {
  const parameters = new Parameters();
  const set = assignments(table, changes, parameters);
  return {
    text: `UPDATE ${table.quoted} AS t SET ${set} WHERE ${keyIs(table, row, parameters)} RETURNING ${columnList(table)}`,
    values: parameters.values,
  };
}

export function updateAllStatement(table: LiveTable, rows: readonly Row[], changes: Values): Statement {
  const parameters = new Parameters();
  const set = assignments(table, changes, parameters);
  return {
    text: `UPDATE ${table.quoted} AS t SET ${set} WHERE ${keyIsIn(table, rows, parameters)} RETURNING ${columnList(table)}`,
    values: parameters.values,
  };
}

export function deleteStatement(table: LiveTable, row: Row): Statement {
  const parameters = new Parameters();
  return {
    text: `DELETE FROM ${table.quoted} AS t WHERE ${keyIs(table, row, parameters)}`,
    values: parameters.values,
  };
}

export function addStatement(
  table: LiveTable,
  row: Row,
  amounts: Readonly<Record<string, number>>,
): Statement {
  const parameters = new Parameters();
  const set = Object.entries(amounts).map(([name, amount]) => {
    const { quoted } = columnOf(table, name);
    return `${quoted} = t.${quoted} + ${parameters.add(String(amount))}`;
  });
  return {
    text: `UPDATE ${table.quoted} AS t SET ${set.join(', ')} WHERE ${keyIs(table, row, parameters)}`,
    values: parameters.values,
  };
}

/** Selects rows from the whole table; the same seed selects the same rows. */
export const sampleStatement = (table: LiveTable, rows: number, seed: number): Statement => ({
  text: `SELECT ${columnList(table)} FROM ${table.quoted} AS t
    ORDER BY hashtextextended(ROW(${table.key.map((name) => `t.${columnOf(table, name).quoted}`).join(', ')})::text, $2) LIMIT $1`,
  values: [rows, seed],
});

/** Selects the children of given rows. @param on column of the child → column of the parent */
export function childrenStatement(
  child: LiveTable,
  parents: readonly Row[],
  on: Readonly<Record<string, string>>,
): Statement {
  const parameters = new Parameters();
  const names = Object.keys(on);
  const arrays = names.map(
    (name) => `CAST(${parameters.add(parents.map((row) => row[on[name] ?? ''] ?? null))} AS text[])`,
  );
  const columns = names.map((name) => columnOf(child, name));
  return {
    text: `SELECT ${columnList(child)} FROM ${child.quoted} AS t WHERE (${columns.map(({ quoted }) => `t.${quoted}`).join(', ')}) IN
      (SELECT ${columns.map(({ type }, index) => `CAST(e.c${index} AS ${type})`).join(', ')}
       FROM unnest(${arrays.join(', ')}) AS e(${columns.map((_, index) => `c${index}`).join(', ')}))`,
    values: parameters.values,
  };
}

/** Compares rows with the table: `n` (position in the list, from 1), `there` and `same` (`t` or `f`). */
export function compareStatement(table: LiveTable, rows: readonly Row[]): Statement {
  const parameters = new Parameters();
  const names = [...table.columns.keys()];
  const arrays = names.map(
    (name) => `CAST(${parameters.add(rows.map((row) => row[name] ?? null))} AS text[])`,
  );
  const cast = (name: string): string => `CAST(e.c${names.indexOf(name)} AS ${columnOf(table, name).type})`;
  const keys = table.key.map((name) => `t.${columnOf(table, name).quoted} = ${cast(name)}`);
  const rowOf = (columns: readonly string[]): string => `ROW(${columns.join(', ')})::text`;
  return {
    text: `SELECT e.n, t.ctid IS NOT NULL AS there,
        ${rowOf(names.map((name) => `t.${columnOf(table, name).quoted}`))} = ${rowOf(names.map(cast))} AS same
      FROM unnest(${arrays.join(', ')}) WITH ORDINALITY AS e(${names.map((_, index) => `c${index}`).join(', ')}, n)
      LEFT JOIN ${table.quoted} AS t ON ${keys.join(' AND ')}`,
    values: parameters.values,
  };
}
