import { TransientFailure } from '../../core/errors';
import { isIntegrityViolation, isTransient, SQL_STATES } from '../postgres/sql-states';
import { NotExecuted, OutcomeUnknown, StatementRefused } from '../postgres/statement-refused';

/** Names of service errors after which the statement did not commit and may succeed if it is retried. */
const NOT_RUN = new Set([
  'DatabaseResumingException',
  'ThrottlingException',
  'TooManyRequestsException',
  // The transaction in which the statement ran has ended, and was rolled back.
  'TransactionNotFoundException',
  // The secret could not be read in time; or it is missing, which stays so.
  'SecretsErrorException',
  // The cluster is starting, stopping or being changed.
  'InvalidResourceStateException',
]);
/** A message without an SQLSTATE: the previous call in the transaction, or a duplicate of this one, is still running. */
const STILL_RUNNING = /^Transaction is still running a query/;
/** The refusal of a guard has the SQLSTATE of a writer that was demoted in a failover, and remains. */
const OF_A_GUARD = /^\S+ writes to .+ are refused: migration .+ guards it as its (source|target)/s;
/** A session's prepared statement reads a table that has changed since; the next session prepares it again. */
const STALE_PLAN = /^\S+ cached plan must not change result type/;
/** The server refused the login, so that no row was read. */
const LOGIN_FAILED = /^FATAL:/;
/** Names of service errors that say nothing about the statement's outcome. */
const AMBIGUOUS = new Set([
  'StatementTimeoutException',
  'InternalServerErrorException',
  'ServiceUnavailableError',
  'DatabaseUnavailableException',
]);

/** Maps an error of the SDK to one that the protocols distinguish. */
export function translateError(error: unknown): Error {
  if (!(error instanceof Error)) return new OutcomeUnknown(String(error));
  if (error.name === 'DatabaseErrorException') return refusalOf(error.message);
  if (NOT_RUN.has(error.name)) return new NotExecuted(`${error.name}: ${error.message}`, error.name);
  if (AMBIGUOUS.has(error.name) || isConnectionError(error)) {
    return new OutcomeUnknown(`${error.name}: ${error.message}`);
  }
  return error;
}

/** Reads the SQLSTATE from the message's end, the constraint from its first line; the text between may quote the row. */
function refusalOf(message: string): Error {
  if (STILL_RUNNING.test(message)) return new TransientFailure(message);
  const sqlState = /SQLState:\s*([0-9A-Z]{5})\W*$/i.exec(message)?.[1];
  if (sqlState === undefined)
    return new OutcomeUnknown(
      'the database reported an error without an SQLSTATE. Retry the statement; if that fails, read the log of the database',
    );
  const [firstLine = ''] = message.split('\n');
  const constraint = /violates [a-z ]+ constraint "([^"]+)"/.exec(firstLine)?.[1] ?? null;
  if (isTransient(sqlState) || isTransientBy(sqlState, message)) {
    const quoted = LOGIN_FAILED.test(message) ? ` (${firstLine})` : '';
    return new NotExecuted(
      `the database reported SQLSTATE ${sqlState}${quoted}, which may not recur. Retry the statement`,
      sqlState,
    );
  }
  return new StatementRefused(message, sqlState, isIntegrityViolation(sqlState) ? constraint : null);
}

/** Whether an error may not recur, if its SQLSTATE alone does not say so. */
function isTransientBy(sqlState: string, message: string): boolean {
  switch (sqlState) {
    case SQL_STATES.READ_ONLY_TRANSACTION:
      return !OF_A_GUARD.test(message);
    case SQL_STATES.FEATURE_NOT_SUPPORTED:
      return STALE_PLAN.test(message);
    default:
      return false;
  }
}

function isConnectionError(error: Error): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0;
  return (
    error.name === 'TimeoutError' ||
    /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|EAI_AGAIN)/.test(code) ||
    status >= 500
  );
}
