import type { ConnectFailure } from '../../core/preflight/facts';
import type { RefusalKind } from '../../core/ports';

/** SQLSTATEs that the code distinguishes, by the condition names of PostgreSQL's Appendix A. */
export const SQL_STATES = {
  UNIQUE_VIOLATION: '23505',
  EXCLUSION_VIOLATION: '23P01',
  /** For example, an index on an expression that is not immutable. */
  INVALID_OBJECT_DEFINITION: '42P17',
  LOCK_NOT_AVAILABLE: '55P03',
  IDLE_IN_TRANSACTION_SESSION_TIMEOUT: '25P03',
  READ_ONLY_TRANSACTION: '25006',
  FEATURE_NOT_SUPPORTED: '0A000',
  INVALID_PASSWORD: '28P01',
  INVALID_AUTHORIZATION_SPECIFICATION: '28000',
  INSUFFICIENT_PRIVILEGE: '42501',
  INVALID_CATALOG_NAME: '3D000',
  INVALID_SCHEMA_NAME: '3F000',
  UNDEFINED_FUNCTION: '42883',
} as const;

/** SQLSTATEs that Sluice's own functions raise. */
export const SLUICE_STATES = {
  /** A change with a newer epoch was made. */
  SUPERSEDED: 'SL001',
  /** The guard is in a state from which the change may not start. */
  WRONG_STATE: 'SL002',
  FENCE_EXPIRED: 'SL003',
  SESSION_NOT_PINNED: 'SL004',
  KEY_IN_NO_CHUNK: 'SL005',
  /** Rows conflict even after the rows in their place are parked; apply_each catches it to undo the parking. */
  STILL_REFUSED: 'SL006',
  /** The guard belongs to another control plane. */
  FOREIGN_OWNER: 'SL007',
  /** A rehearsed opening succeeded, and is undone. */
  REHEARSED: 'SL008',
} as const;

/** Class 23, integrity constraint violation: the error names a constraint. */
const INTEGRITY_VIOLATION = /^23/;
/** Transaction rollback, insufficient resources, operator intervention, connection exception. */
const TRANSIENT_CLASSES = /^(40|53|57|08)/;
const TRANSIENT: readonly string[] = [
  SQL_STATES.LOCK_NOT_AVAILABLE,
  SQL_STATES.IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
  // While a secret is rotated, new sessions may use its former password.
  SQL_STATES.INVALID_PASSWORD,
];

/** Whether the database undid the statement for a reason that may not recur. */
export const isTransient = (sqlState: string): boolean =>
  TRANSIENT_CLASSES.test(sqlState) || TRANSIENT.includes(sqlState);

export const isSqlState = (code: string): boolean => /^[0-9A-Z]{5}$/.test(code);

export const isIntegrityViolation = (sqlState: string): boolean => INTEGRITY_VIOLATION.test(sqlState);

/**
 * Classes of errors about the values that a statement carries: cardinality, data, integrity constraints, program limits,
 * PL/pgSQL, unsupported features, external routines, and internal errors.
 */
const ABOUT_VALUES = /^(21|22|23|54|P0|0A|38|39|XX)/;
/** Class 22, data exception: an expression or a type cannot produce a value. */
const DATA_EXCEPTION = /^22/;

/** Whether a statement failed because of the values that it carries. */
export const isAboutValues = (sqlState: string | null): boolean =>
  sqlState !== null && ABOUT_VALUES.test(sqlState);

/** Classifies a refusal for the rules, which know no SQLSTATEs. */
export function refusalKind(sqlState: string | null): RefusalKind {
  if (sqlState === SQL_STATES.UNIQUE_VIOLATION) return 'duplicate';
  if (sqlState === SQL_STATES.EXCLUSION_VIOLATION) return 'exclusion';
  return sqlState !== null && DATA_EXCEPTION.test(sqlState) ? 'invalid value' : 'other';
}

const CONNECT_FAILURES: Readonly<Record<string, ConnectFailure>> = {
  [SQL_STATES.INVALID_PASSWORD]: 'bad password',
  [SQL_STATES.INVALID_AUTHORIZATION_SPECIFICATION]: 'login not allowed',
  [SQL_STATES.INSUFFICIENT_PRIVILEGE]: 'no connect privilege',
  [SQL_STATES.INVALID_CATALOG_NAME]: 'unknown database',
};

/** Classifies an error of the server that prevents a login from connecting. */
export const connectFailure = (sqlState: string | null): ConnectFailure =>
  CONNECT_FAILURES[sqlState ?? ''] ?? 'other';
