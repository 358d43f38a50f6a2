import { RowLost, RolledBack } from './transaction';

/** Kinds of failed transactions, as a writer sees them. */
export type Failure =
  /** The action rolled back on purpose. */
  | 'rolled-back'
  /** A row differs from its acknowledged state. */
  | 'lost'
  /** The guard refuses writes on this side. */
  | 'refused'
  /** Nothing was changed, and a retry may succeed. */
  | 'transient'
  /** The connection broke, or the server is stopping. */
  | 'broken'
  /** An error that no application should see. */
  | 'unexpected';

const READ_ONLY = '25006';
/** Serialization failure, deadlock, lock not available. */
const TRANSIENT = ['40001', '40P01', '55P03'];
/** SQLSTATEs of broken connections and of stopping servers; error codes of the operating system. */
const BROKEN = /^(08...|57P..|E[A-Z]+)$/;
/** The driver's own errors do not have a code. */
const BROKEN_MESSAGE = /connection|not queryable/i;

export function classifyFailure(error: unknown): Failure {
  if (error instanceof RolledBack) return 'rolled-back';
  if (error instanceof RowLost) return 'lost';
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  if (code === undefined) return BROKEN_MESSAGE.test(message ?? '') ? 'broken' : 'unexpected';
  if (code === READ_ONLY) return 'refused';
  if (TRANSIENT.includes(code)) return 'transient';
  return BROKEN.test(code) ? 'broken' : 'unexpected';
}

/** Describes a failure for the report, without the server's message, which may quote the row. */
export function describeFailure(error: unknown): string {
  const { code, constraint, table, message } = error as Readonly<Record<string, string | undefined>>;
  if (code === undefined) return message ?? String(error);
  const place = constraint ?? table;
  return `SQLSTATE ${code}${place === undefined ? '' : ` (${place})`}`;
}
