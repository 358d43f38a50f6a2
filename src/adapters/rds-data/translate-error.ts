import { TransientFailure } from '../../core/errors';
import { isIntegrityViolation, isTransient } from '../postgres/sql-states';
import { OutcomeUnknown, StatementRefused } from '../postgres/statement-refused';

/** Names of service errors after which the statement certainly did not commit and may work when tried again. */
const NOT_RUN = new Set([
  'DatabaseResumingException',
  'ThrottlingException',
  'TooManyRequestsException',
  // Of a transaction in which statements were tried: it is rolled back, whatever ended it.
  'TransactionNotFoundException',
]);
/** Has no SQLSTATE. The call before it, or this one's own duplicate, is not answered yet. */
const STILL_RUNNING = /^Transaction is still running a query/;
/** Names of service errors that say nothing about the statement's outcome. */
const AMBIGUOUS = new Set([
  'StatementTimeoutException',
  'InternalServerErrorException',
  'ServiceUnavailableError',
  'DatabaseUnavailableException',
]);
/** Turns what the SDK throws into what the protocols decide on. */
export function translateError(error: unknown): Error {
  if (!(error instanceof Error)) return new OutcomeUnknown(String(error));
  if (error.name === 'DatabaseErrorException') return refusalOf(error.message);
  if (NOT_RUN.has(error.name)) return new TransientFailure(`${error.name}: ${error.message}`);
  if (AMBIGUOUS.has(error.name) || isConnectionError(error)) {
    return new OutcomeUnknown(`${error.name}: ${error.message}`);
  }
  return error;
}

/** The code stands at the end; the constraint in the first line: what is between may quote the row. */
function refusalOf(message: string): Error {
  if (STILL_RUNNING.test(message)) return new TransientFailure(message);
  const sqlState = /SQLState:\s*([0-9A-Z]{5})\W*$/i.exec(message)?.[1] ?? null;
  const [firstLine = ''] = message.split('\n');
  const constraint = /violates [a-z ]+ constraint "([^"]+)"/.exec(firstLine)?.[1] ?? null;
  if (sqlState && isTransient(sqlState)) {
    return new TransientFailure(`the database answered SQLSTATE ${sqlState}; it is worth another try`);
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
