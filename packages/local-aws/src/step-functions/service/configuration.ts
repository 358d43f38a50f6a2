import { InvalidDefinitionError } from '../errors';
import { LIMITS } from '../limits';
import type { Request } from './request';
import { ServiceError } from './service-error';

/** What may be said about logs, traces and keys: that there is none of our own. */
export const CONFIGURATION = {
  loggingConfiguration: 'object',
  tracingConfiguration: 'object',
  encryptionConfiguration: 'object',
  publish: 'boolean',
  versionDescription: 'string',
} as const;

/** Throws ValidationException for what nothing here would do. */
export function requireDefaultConfiguration(request: Request): void {
  request.allowOnlyFields('loggingConfiguration', {
    level: 'OFF',
    includeExecutionData: false,
    destinations: [],
  });
  request.allowOnlyFields('tracingConfiguration', { enabled: false });
  request.allowOnlyFields('encryptionConfiguration', { type: 'AWS_OWNED_KEY' });
  request.allowOnly('publish', [false]);
  request.allowOnly('versionDescription', []);
}

export function requireStandard(request: Request): void {
  const type = request.oneOf('type', ['STANDARD', 'EXPRESS']);
  if (type === undefined || type === 'STANDARD') return;
  throw new ServiceError('StateMachineTypeNotSupported', `Type '${type}' is not supported; only STANDARD is`);
}

/** Tells a refused definition by the API's own error. */
export function withDefinitionErrors<T>(request: Request, read: () => T): T {
  request.lengthMax('definition', LIMITS.definitionBytesMax);
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InvalidDefinitionError)) throw error;
    throw new ServiceError('InvalidDefinition', `Invalid State Machine Definition: '${error.message}'`);
  }
}
