import type { Definition } from './definition';
import { RowFunctionFailed } from '../errors';
import { parseTableName, quoteTable } from '../identifier';
import { sentColumns, type Layout } from '../layout';
import type { RowFunction } from './row-function';
import { withoutClocksAndRandomness } from './clocks-and-randomness';

/** Values of one row as texts, null for NULL, in the order of their columns. */
export type Texts = readonly (string | null)[];

/** Bytes that a row function may return for one row: a request has room for one such row, however JSON escapes it. */
export const WRITTEN_BYTES_MAX = 500_000;

/** The error of a table's row function. Its message never names a row. */
const failureOf = (table: string, what: string): RowFunctionFailed =>
  new RowFunctionFailed(`the row function of ${table} ${what}`);

/**
 * Calls a row function for rows in the order of `reads`, and returns values in the order of `writes`. It evaluates every row
 * twice, the second time from the last row to the first, while clocks and random numbers throw.
 * @param table target table as the definition writes it
 * @throws RowFunctionFailed naming the table and the column, never a value
 */
export function runRowFunction(table: string, rowFunction: RowFunction, rows: readonly Texts[]): Texts[] {
  let undeclared = false;
  const inputs = rows.map((texts) => inputOf(rowFunction, texts, () => (undeclared = true)));
  const { result, used } = withoutClocksAndRandomness(() => {
    try {
      return evaluateTwice(table, rowFunction, inputs);
    } catch (error) {
      return error instanceof RowFunctionFailed ? error : failureOf(table, 'failed');
    }
  });
  if (used[0] !== undefined)
    throw failureOf(
      table,
      `calls ${used[0]}. Compute the result from the row alone, or use a default of the target column`,
    );
  // The message does not contain the requested name, which may be a value.
  if (undeclared)
    throw failureOf(table, `reads a column other than ${rowFunction.reads.join(', ')}. Add it to reads`);
  if (result instanceof RowFunctionFailed) throw result;
  return result;
}

/**
 * Tests a row function on some rows, in their order and in two others.
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
        throw failureOf(
          table,
          `returns another value for column ${rowFunction.writes[column]} after other rows`,
        );
    }
    return null;
  } catch (error) {
    if (error instanceof RowFunctionFailed) return error.message;
    throw error;
  }
}

/** Shuffles the numbers below `length` by a seed (Fisher and Yates, with a linear congruential generator). */
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

/** Replaces columns of moved rows by the results of a row function. */
export interface Projection {
  /** Places of its results among the moved columns. The columns that it reads are sent in the first of them, as a JSON array. */
  readonly places: readonly number[];
  /** Calls it for rows in the order of `reads`; returns values in the order of `places`. @throws RowFunctionFailed */
  readonly run: (rows: readonly Texts[]) => Texts[];
}

/** Returns the definition's row function for a planned table; null if the table has none. */
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
    throw failureOf(
      target,
      'has other columns than when the chunks were planned. Deploy the earlier definition again, or abort and start again',
    );
  return { places, run: (rows) => runRowFunction(target, rowFunction, rows) };
}

/**
 * Returns the columns of a layout that a row function computes, with the key, which verification compares as texts. Generated
 * columns are sent as well. Without a row function there are no columns.
 */
export function computedWithKey(layout: Layout): Layout {
  const given = layout.columns.filter((column) => column.reads);
  const identity = layout.columns.filter((column) => layout.identity.includes(column.to));
  const columns = given.length === 0 ? [] : [...identity, ...given];
  return { ...layout, columns: columns.map((column) => ({ ...column, sent: true })) };
}

function evaluateTwice(table: string, rowFunction: RowFunction, inputs: readonly Input[]): Texts[] {
  const first = inputs.map((input) => evaluate(table, rowFunction, input));
  for (let row = inputs.length - 1; row >= 0; row -= 1) {
    const again = evaluate(table, rowFunction, inputs[row]!);
    const column = rowFunction.writes.findIndex((_, index) => again[index] !== first[row]![index]);
    if (column >= 0)
      throw failureOf(
        table,
        `returns another value for column ${rowFunction.writes[column]} in a second call. Compute the result from the row alone`,
      );
  }
  return first;
}

type Input = Readonly<Record<string, string | null>>;

/** A frozen row that reports access to an undeclared column, even if the function catches the error. */
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
  const result = call(table, rowFunction, input);
  if (typeof result !== 'object' || result === null)
    throw failureOf(
      table,
      `returns ${result === null ? 'null' : typeof result}. Return an object with ${writes.join(', ')}`,
    );
  if (typeof (result as { then?: unknown }).then === 'function')
    throw failureOf(table, 'returns a promise. Make it synchronous');
  if (Object.keys(result).some((column) => !writes.includes(column)))
    throw failureOf(table, `returns a column other than ${writes.join(', ')}. Add it to writes`);
  const texts = writes.map((column) => textOf(table, column, result));
  const bytes = texts.reduce((sum, text) => sum + (text === null ? 0 : Buffer.byteLength(text)), 0);
  if (bytes > WRITTEN_BYTES_MAX)
    throw failureOf(table, `returns ${bytes} bytes for one row. Return at most ${WRITTEN_BYTES_MAX}`);
  return texts;
}

/** Calls the function. Its own errors may quote the row, so only their name and place are reported. */
function call(table: string, rowFunction: RowFunction, input: Input): unknown {
  try {
    return rowFunction.apply(input);
  } catch (error) {
    if (error instanceof RowFunctionFailed) throw error;
    const name = error instanceof Error && /^[A-Za-z]{1,40}$/.test(error.name) ? error.name : 'something';
    throw failureOf(table, `threw ${name}${placeOf(error)}. Make it return a value for every row`);
  }
}

/** ` at <file>:<line>` of the innermost call; empty if the stack might contain anything else. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return '';
  const head = String(error);
  const frame = error.stack.startsWith(`${head}\n`)
    ? error.stack.slice(head.length + 1).split('\n', 1)[0]!
    : '';
  const place = /^ {4}at .*?([\w.-]+:\d+):\d+\)?$/.exec(frame)?.[1];
  return place === undefined ? '' : ` at ${place}`;
}

function textOf(table: string, column: string, result: object): string | null {
  if (!Object.hasOwn(result, column))
    throw failureOf(table, `returns no column ${column}. Return null for NULL`);
  const value = (result as Record<string, unknown>)[column];
  if (value === null) return null;
  if (typeof value !== 'string')
    throw failureOf(
      table,
      `returns a ${typeof value} for column ${column}. Return its text, or null for NULL`,
    );
  if (value.includes('\0') || !isWellFormed(value))
    throw failureOf(
      table,
      `returns a character for column ${column} that PostgreSQL cannot store. Remove it`,
    );
  return value;
}

/** Whether a text has no unpaired surrogate, which is not a character. */
const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);
