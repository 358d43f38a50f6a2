import { TransientFailure } from '../../core/errors';

/** Errors that a later attempt may avoid, although the SDK has retried them: the service was busy or could not be reached. */
const TRANSIENT_ERRORS = new Set([
  'InternalServerError',
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'ThrottlingException',
  'TimeoutError',
  'TransactionConflictException',
]);
const CONNECTION = /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|EAI_AGAIN)/;

/** Turns a transient error into one that state machines retry; returns every other error unchanged. */
export function asTransient(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code = '' } = error as NodeJS.ErrnoException;
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0;
  if (!TRANSIENT_ERRORS.has(error.name) && !CONNECTION.test(code) && status < 500) return error;
  return new TransientFailure(`${error.name}: ${error.message}`, { cause: error });
}
