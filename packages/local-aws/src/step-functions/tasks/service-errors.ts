import { randomUUID } from 'node:crypto';
import { StateFailure } from '../errors';
import { ServiceError } from '../service/service-error';

/** The prefixes of error names, and the name of the service in the causes. */
const SERVICES = { Lambda: 'AWSLambda', StepFunctions: 'AWSStepFunctions', Sfn: 'Sfn' } as const;
export type ErrorPrefix = keyof typeof SERVICES;

/**
 * Formats the cause of a service error as the client that Step Functions uses does, as recorded on AWS.
 * @param requestId the id of the service's response. @default a random one, since requests are not tracked
 */
export function serviceErrorCause(
  prefix: ErrorPrefix,
  message: string,
  { status, code, requestId = randomUUID() }: { status: number; code: string; requestId?: string },
): string {
  const service = SERVICES[prefix];
  return prefix === 'Sfn'
    ? `${message} (Service: ${service}, Status Code: ${status}, Request ID: ${requestId}) (SDK Attempt Count: 1)`
    : `${message} (Service: ${service}; Status Code: ${status}; Error Code: ${code}; Request ID: ${requestId}; Proxy: null)`;
}

/**
 * Translates an error of the Step Functions API into a failure of the calling state. The error name starts with the
 * integration's prefix and ends in `Exception`.
 * @param prefix `StepFunctions` for the optimised integration, `Sfn` for the SDK's
 */
export function translateServiceErrors<T>(prefix: 'StepFunctions' | 'Sfn', call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const { type: code, message } = error;
    const name = code.endsWith('Exception') ? code : `${code}Exception`;
    throw new StateFailure(`${prefix}.${name}`, serviceErrorCause(prefix, message, { status: 400, code }));
  }
}
