import { randomUUID } from 'node:crypto';
import { StateFailure } from '../errors';
import { ServiceError } from '../service/service-error';

/** The prefixes of the names that states see, and what the service is called in their causes. */
const SERVICES = { Lambda: 'AWSLambda', StepFunctions: 'AWSStepFunctions', Sfn: 'Sfn' } as const;
export type ErrorPrefix = keyof typeof SERVICES;

/**
 * The cause of a refusal, in the words of the client that Step Functions calls with, as recorded on AWS.
 * @param requestId an answer of the service has one; by default any, as nothing here keeps track of them
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
 * What a refusal of Step Functions' own API is called in a state that asked: after the integration, and always with
 * `Exception` at its end.
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
