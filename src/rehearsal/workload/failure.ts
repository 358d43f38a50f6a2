import { RowLost, Undone } from './transaction';

/** Outcome of a statement, as far as its sender knows. */
export type Failure =
  /** Rolled back on purpose. */
  | 'undone'
  /** A row is not as it was acknowledged. */
  | 'lost'
  /** The guard does not let this side be written. */
  | 'refused'
  /** Nothing was done, and the same may succeed. */
  | 'passing'
  /** No response, or the server shuts down. */
  | 'broken'
  /** An error that no application should receive. */
  | 'unexpected';

const READ_ONLY = '25006';
/** Serialization failure, deadlock, lock not available. */
const PASSING = ['40001', '40P01', '55P03'];
/** SQLSTATEs of connections and of servers that go down; names of the system's errors. */
const BROKEN = /^(08...|57P..|E[A-Z]+)$/;
/** The driver's own errors carry no code. */
const BROKEN_MESSAGE = /connection|not queryable/i;

export function failureOf(error: unknown): Failure {
  if (error instanceof Undone) return 'undone';
  if (error instanceof RowLost) return 'lost';
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  if (code === undefined) return BROKEN_MESSAGE.test(message ?? '') ? 'broken' : 'unexpected';
  if (code === READ_ONLY) return 'refused';
  if (PASSING.includes(code)) return 'passing';
  return BROKEN.test(code) ? 'broken' : 'unexpected';
}

/** For a report: never what the server says, which may quote the row. */
export function nameOf(error: unknown): string {
  const { code, constraint, table, message } = error as Readonly<Record<string, string | undefined>>;
  if (code === undefined) return message ?? String(error);
  const place = constraint ?? table;
  return `SQLSTATE ${code}${place === undefined ? '' : ` (${place})`}`;
}
