import type { ThrottleReason } from './concurrency';
import type { ErrorPayload } from './messages';

/**
 * How an invocation failed. `name` is the error name that Step Functions sees, `message` its Cause.
 * `payload` is there if the function failed (HTTP 200 with X-Amz-Function-Error), absent if the service refused.
 */
export class InvocationError extends Error {
  /** The version that failed; undefined if the service refused. */
  executedVersion: string | undefined;

  constructor(
    override readonly name: string,
    message: string,
    readonly requestId: string,
    readonly payload: string | undefined,
    /** The limit that a throttled invocation exceeded. */
    readonly reason?: ThrottleReason,
  ) {
    super(message);
  }
}

/** The function's own error, or the exit of its environment. */
export function functionFailure(requestId: string, error: ErrorPayload): InvocationError {
  const payload = JSON.stringify(error);
  return new InvocationError(error.errorType, payload, requestId, payload);
}

/** Refused by the Lambda service before any code ran; Step Functions puts `Lambda.` before the name. */
export function serviceRefusal(requestId: string, name: string, message: string): InvocationError {
  return new InvocationError(`Lambda.${name}`, message, requestId, undefined);
}

export function throttled(requestId: string, reason: ThrottleReason): InvocationError {
  const name = 'Lambda.TooManyRequestsException';
  return new InvocationError(name, 'Rate Exceeded.', requestId, undefined, reason);
}

export function timedOut(requestId: string, timeoutSeconds: number): InvocationError {
  return functionFailure(requestId, {
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`,
  });
}

/** @param how e.g. `exit status 1`, `signal: killed` */
export function crashed(requestId: string, how: string): InvocationError {
  return functionFailure(requestId, {
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: ${how}`,
  });
}

const SIGNALS: Readonly<Record<string, string>> = {
  SIGKILL: 'killed',
  SIGABRT: 'aborted',
  SIGSEGV: 'segmentation fault',
};

export function describeExit(code: number | null, signal: string | null): string {
  return signal === null ? `exit status ${code ?? 0}` : `signal: ${SIGNALS[signal] ?? signal}`;
}
