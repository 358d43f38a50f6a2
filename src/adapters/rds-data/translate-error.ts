import { TransientFailure } from '../../core/errors';
import { isIntegrityViolation, isTransient } from '../postgres/sql-states';
import { OutcomeUnknown, StatementRefused } from '../postgres/statement-refused';

/** Names of service errors after which the statement did not commit and may succeed if it is retried. */
const NOT_RUN = new Set([
  'DatabaseResumingException',
  'ThrottlingException',
  'TooManyRequestsException',
  // The transaction in which the statement ran has ended, and was rolled back.
  'TransactionNotFoundException',
]);
/** A message without an SQLSTATE: the previous call in the transaction, or a duplicate of this one, is still running. */
const STILL_RUNNING = /^Transaction is still running a query/;
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
  if (NOT_RUN.has(error.name)) return new TransientFailure(`${error.name}: ${error.message}`);
  if (AMBIGUOUS.has(error.name) || isConnectionError(error)) {
    return new OutcomeUnknown(`${error.name}: ${error.message}`);
  }
  return error;
}

/** Reads the SQLSTATE from the message's end, the constraint from its first line; the text between may quote the row. */
function refusalOf(message: string): Error {
  if (STILL_RUNNING.test(message)) return new TransientFailure(message);
  const sqlState = /SQLState:\s*([0-9A-Z]{5})\W*$/i.exec(message)?.[1] ?? null;
  const [firstLine = ''] = message.split('\n');
  const constraint = /violates [a-z ]+ constraint "([^"]+)"/.exec(firstLine)?.[1] ?? null;
  if (sqlState && isTransient(sqlState)) {
    return new TransientFailure(
      `the database reported SQLSTATE ${sqlState}, which may not recur. Retry the statement`,
    );
  }
  return new StatementRefused(
    message,
    sqlState,
    sqlState && isIntegrityViolation(sqlState) ? constraint : null,
  );
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
