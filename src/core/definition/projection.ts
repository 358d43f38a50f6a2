import type { Definition } from './definition';
import { RowFunctionFailed } from '../errors';
import { parseTableName, quoteTable } from '../identifier';
import { sentColumns, type Layout } from '../layout';
import type { RowFunction } from './row-function';
import { withoutClocks } from './undetermined';

/** Values of one row as texts, null for NULL, in the order of the columns that go with them. */
export type Texts = readonly (string | null)[];

/** Bytes that a row function may write for one row: a request carries one such row, however JSON writes its characters. */
export const WRITTEN_BYTES_MAX = 500_000;

/** How a message begins: which function, never which row. */
const of = (table: string, what: string): RowFunctionFailed =>
  new RowFunctionFailed(`the row function of ${table} ${what}`);

/**
 * Calls a row function for rows, in the order of `reads`, and answers in the order of `writes`. Every row is evaluated
 * twice, the second time from the last row to the first, while clocks and randomness are out of reach.
 * @param table target table as the definition writes it
 * @throws RowFunctionFailed naming the table and the column, never a value
 */
export function runRowFunction(table: string, rowFunction: RowFunction, rows: readonly Texts[]): Texts[] {
  let undeclared = false;
  const inputs = rows.map((texts) => inputOf(rowFunction, texts, () => (undeclared = true)));
  const { result, asked } = withoutClocks(() => {
    try {
      return twice(table, rowFunction, inputs);
    } catch (error) {
      return error instanceof RowFunctionFailed ? error : of(table, 'failed');
    }
  });
  if (asked[0] !== undefined)
    throw of(
      table,
      `asks for ${asked[0]}; let the row alone decide, or give the value to the target's default`,
    );
  // Names that it makes up may be values.
  if (undeclared)
    throw of(table, `asks for a column besides ${rowFunction.reads.join(', ')}; name it in reads`);
  if (result instanceof RowFunctionFailed) throw result;
  return result;
}

/**
 * Tries a row function on some rows, in their order and in two others.
 * @returns why it is refused, or null
 */
export function checkRowFunction(
  table: string,
  rowFunction: RowFunction,
  rows: readonly Texts[],
): string | null {
  try {
    const first = runRowFunction(table, rowFunction, rows);
    for (const seed of [1, 2]) {
      const order = shuffled(rows.length, seed);
      const again = runRowFunction(
        table,
        rowFunction,
        order.map((index) => rows[index]!),
      );
      const column = rowFunction.writes.findIndex((_, place) =>
        order.some((index, position) => first[index]![place] !== again[position]![place]),
      );
      if (column >= 0)
        throw of(table, `gives column ${rowFunction.writes[column]} another value after other rows`);
    }
    return null;
  } catch (error) {
    if (error instanceof RowFunctionFailed) return error.message;
    throw error;
  }
}

/** The numbers below `length` in an order that the seed decides (Fisher and Yates, with a linear congruential generator). */
function shuffled(length: number, seed: number): number[] {
  const order = Array.from({ length }, (_, index) => index);
  let state = seed;
  for (let last = length - 1; last > 0; last -= 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = state % (last + 1);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}

/** What a row function does to a row on its way. */
export interface Projection {
  /** Places of what it writes among the columns that travel; what it reads travels in the first of them, as a JSON array. */
  readonly places: readonly number[];
  /** Calls it, in the order of `reads` and of `places`. @throws RowFunctionFailed */
  readonly run: (rows: readonly Texts[]) => Texts[];
}

/** The row function of a planned table as the definition has it now; null if the table has none. */
export function projectionOf({ tables }: Pick<Definition, 'tables'>, layout: Layout): Projection | null {
  const places = sentColumns(layout).flatMap(({ reads }, place) => (reads ? [place] : []));
  if (places.length === 0) return null;
  const given = sentColumns(layout).filter(({ reads }) => reads);
  const mapping = tables.find(({ target }) => quoteTable(parseTableName(target)!) === quoteTable(layout.to));
  const { rowFunction, target = quoteTable(layout.to) } = mapping ?? {};
  if (
    !rowFunction ||
    rowFunction.reads.join() !== given[0]!.reads!.join() ||
    rowFunction.writes.join() !== given.map((column) => column.to).join()
  )
    throw of(
      target,
      'has other columns than when the chunks were planned; deploy that definition again, or abort and begin anew',
    );
  return { places, run: (rows) => runRowFunction(target, rowFunction, rows) };
}

/**
 * The part of a layout that a row function gives, beside the key of its rows: what is compared by texts. Generated columns
 * travel here, too. Without a row function: no columns.
 */
export function givenWithKey(layout: Layout): Layout {
  const given = layout.columns.filter((column) => column.reads);
  const identity = layout.columns.filter((column) => layout.identity.includes(column.to));
  const columns = given.length === 0 ? [] : [...identity, ...given];
  return { ...layout, columns: columns.map((column) => ({ ...column, sent: true })) };
}

function twice(table: string, rowFunction: RowFunction, inputs: readonly Input[]): Texts[] {
  const first = inputs.map((input) => evaluate(table, rowFunction, input));
  for (let row = inputs.length - 1; row >= 0; row -= 1) {
    const again = evaluate(table, rowFunction, inputs[row]!);
    const column = rowFunction.writes.findIndex((_, index) => again[index] !== first[row]![index]);
    if (column >= 0)
      throw of(
        table,
        `gives column ${rowFunction.writes[column]} another value when it is asked again; let the row alone decide`,
      );
  }
  return first;
}

type Input = Readonly<Record<string, string | null>>;

/** The frozen row. Asking it for a column that is not declared is an error, not `undefined`, even if the error is caught. */
function inputOf({ reads }: RowFunction, texts: Texts, undeclared: () => void): Input {
  const row = Object.freeze(Object.fromEntries(reads.map((column, index) => [column, texts[index] ?? null])));
  return new Proxy(row, {
    get(target, property, receiver): unknown {
      if (typeof property === 'string' && !(property in target) && property !== 'toJSON') {
        undeclared();
        throw new TypeError('not read');
      }
      return Reflect.get(target, property, receiver);
    },
  });
}

function evaluate(table: string, rowFunction: RowFunction, input: Input): Texts {
  const { writes } = rowFunction;
  const answer = call(table, rowFunction, input);
  if (typeof answer !== 'object' || answer === null)
    throw of(
      table,
      `answers ${answer === null ? 'null' : typeof answer}; answer an object of ${writes.join(', ')}`,
    );
  if (typeof (answer as { then?: unknown }).then === 'function')
    throw of(table, 'answers a promise; it must answer at once');
  if (Object.keys(answer).some((column) => !writes.includes(column)))
    throw of(table, `gives a column besides ${writes.join(', ')}; name it in writes`);
  const texts = writes.map((column) => textOf(table, column, answer));
  const bytes = texts.reduce((sum, text) => sum + (text === null ? 0 : Buffer.byteLength(text)), 0);
  if (bytes > WRITTEN_BYTES_MAX)
    throw of(table, `gives one row ${bytes} bytes; it may give ${WRITTEN_BYTES_MAX}`);
  return texts;
}

/** Its own errors may quote the row: what kind they are, and where, is all that goes on. */
function call(table: string, rowFunction: RowFunction, input: Input): unknown {
  try {
    return rowFunction.apply(input);
  } catch (error) {
    if (error instanceof RowFunctionFailed) throw error;
    const name = error instanceof Error && /^[A-Za-z]{1,40}$/.test(error.name) ? error.name : 'something';
    throw of(table, `threw ${name}${placeOf(error)}; let it answer for every row`);
  }
}

/** ` at <file>:<line>` of the innermost call, where the stack surely tells nothing else. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return '';
  const head = String(error);
  const frame = error.stack.startsWith(`${head}\n`)
    ? error.stack.slice(head.length + 1).split('\n', 1)[0]!
    : '';
  const place = /^ {4}at .*?([\w.-]+:\d+):\d+\)?$/.exec(frame)?.[1];
  return place === undefined ? '' : ` at ${place}`;
}

function textOf(table: string, column: string, answer: object): string | null {
  if (!Object.hasOwn(answer, column)) throw of(table, `gives no column ${column}; give null for NULL`);
  const value = (answer as Record<string, unknown>)[column];
  if (value === null) return null;
  if (typeof value !== 'string')
    throw of(table, `gives column ${column} a ${typeof value}; give its text, or null for NULL`);
  if (value.includes('\0') || !isWellFormed(value))
    throw of(table, `gives column ${column} a character that no text of the database can hold`);
  return value;
}

/** Half of a surrogate pair is no character. */
const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);
