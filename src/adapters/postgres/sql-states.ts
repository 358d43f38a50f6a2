/** SQLSTATEs that the code distinguishes, by the condition names of PostgreSQL's Appendix A. */
export const SQL_STATES = {
  UNIQUE_VIOLATION: '23505',
  /** For example, an index on an expression that is not immutable. */
  INVALID_OBJECT_DEFINITION: '42P17',
  LOCK_NOT_AVAILABLE: '55P03',
  IDLE_IN_TRANSACTION_SESSION_TIMEOUT: '25P03',
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
} as const;

/** Class 23, integrity constraint violation: the error names a constraint. */
const INTEGRITY_VIOLATION = /^23/;
/** Transaction rollback, insufficient resources, operator intervention, connection exception. */
const TRANSIENT_CLASSES = /^(40|53|57|08)/;
const TRANSIENT: readonly string[] = [
  SQL_STATES.LOCK_NOT_AVAILABLE,
  SQL_STATES.IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
];

/** Whether the database undid the statement for a reason that may not recur. */
export const isTransient = (sqlState: string): boolean =>
  TRANSIENT_CLASSES.test(sqlState) || TRANSIENT.includes(sqlState);

export const isIntegrityViolation = (sqlState: string): boolean => INTEGRITY_VIOLATION.test(sqlState);
