import { InvalidDefinitionError } from '../errors';
import { LIMITS } from '../limits';
import type { Request } from './request';
import { ServiceError } from './service-error';

/** The parameters for logging, tracing, encryption and versions. Only their default values are supported. */
export const CONFIGURATION = {
  loggingConfiguration: 'object',
  tracingConfiguration: 'object',
  encryptionConfiguration: 'object',
  publish: 'boolean',
  versionDescription: 'string',
} as const;

/** Throws ValidationException for values that would have no effect here. */
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

/** Translates an InvalidDefinitionError into the error of the API. */
export function withDefinitionErrors<T>(request: Request, read: () => T): T {
  request.lengthMax('definition', LIMITS.definitionBytesMax);
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InvalidDefinitionError)) throw error;
    throw new ServiceError('InvalidDefinition', `Invalid State Machine Definition: '${error.message}'`);
  }
}
