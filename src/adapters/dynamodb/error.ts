import { TransientFailure } from '../../core/errors';

/** What the SDK has tried again already, and what is worth a later try: the service was too busy, away, or did not answer. */
const PASSING = new Set([
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

/** Gives what passes the name that state machines retry; every other error stays what it is. */
export function asTransient(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code = '' } = error as NodeJS.ErrnoException;
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0;
  if (!PASSING.has(error.name) && !CONNECTION.test(code) && status < 500) return error;
  return new TransientFailure(`${error.name}: ${error.message}`, { cause: error });
}
