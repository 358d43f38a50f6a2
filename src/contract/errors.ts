/** Names of the errors that handlers throw and that Retry and Catch match. Step Functions sees an error's `name`. */
export const ERRORS = {
  /** The input or the definition is wrong; nothing was changed. */
  malformedInput: 'MalformedInput',
  unknownMigration: 'UnknownMigration',
  /** The migration's record has a format that this version does not read. */
  unknownFormat: 'UnknownFormat',
  /** Another live execution owns the migration. */
  alreadyRunning: 'AlreadyRunning',
  /** Preflight found problems; the cause lists every one with its remedy. */
  preflightFailed: 'PreflightFailed',
  /** A lock could not be acquired in time, a connection broke, or a database was resuming: try again. */
  transient: 'TransientFailure',
  /** A newer claim or an abort took over; this worker changed nothing and must stop. */
  fenced: 'FencedOut',
  /** A guard has an epoch that the ledger never drew, because the control table was restored; nothing was changed. */
  restoredLedger: 'RestoredLedger',
  /** Another control plane owns the guard of the tables; nothing was changed. */
  foreignOwner: 'ForeignOwner',
  /** The fence on the source expired before the seal. */
  fenceExpired: 'FenceExpired',
  /** Rows that the target refuses; named in the ledger by hashed key. */
  rowsRefused: 'RowsRefused',
  /** A chunk that does not progress, whatever is tried. */
  copyFailed: 'CopyFailed',
  /** Chunks that stayed unequal after a second copy, or orphans under a foreign key. */
  verificationFailed: 'VerificationFailed',
  /** A ledger item that must exist is missing, or two records contradict each other. */
  inconsistentLedger: 'InconsistentLedger',
  /** Changes of the source may be missing from the change log; this generation cannot be finished. */
  captureLost: 'CaptureLost',
  /** Sync did not come close enough to the source to fence it, or keys remain that the target refuses. */
  notCaughtUp: 'NotCaughtUp',
  /** This deployment's functions may not reach an endpoint that the generation started with. */
  endpointDenied: 'EndpointDenied',
  /** A mapping's row function threw, or returned different values in two calls. */
  rowFunctionFailed: 'RowFunctionFailed',
  /** The step is not possible in the migration's present state. */
  wrongState: 'WrongState',
  /** The execution's history is almost full; a resumed one continues. */
  historyFull: 'HistoryFull',
} as const;

export type ErrorName = (typeof ERRORS)[keyof typeof ERRORS];

/** Errors that may not recur, which state machines retry. Every other error is a decision of a handler. */
export const TRANSIENT_ERRORS: readonly string[] = [
  ERRORS.transient,
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.TooManyRequestsException',
];

/** A function that died or hung, as Step Functions names it. It may have done its work. */
export const LOST_RESPONSE_ERRORS: readonly string[] = [
  'Lambda.Unknown',
  'Runtime.ExitError',
  'Runtime.OutOfMemory',
  'Sandbox.Timedout',
  'States.Timeout',
];

/** Another execution, an abort or a newer attempt decides now: this run changes nothing more, and undoes nothing. */
export const SUPERSEDED_ERRORS: readonly string[] = [ERRORS.fenced, ERRORS.wrongState];

/** Kinds of errors that the lifecycle distinguishes. */
export type ErrorKind = 'transient' | 'fenceExpired' | 'other';

export function errorKind(name: string): ErrorKind {
  if (TRANSIENT_ERRORS.includes(name) || LOST_RESPONSE_ERRORS.includes(name)) return 'transient';
  return name === ERRORS.fenceExpired ? 'fenceExpired' : 'other';
}
