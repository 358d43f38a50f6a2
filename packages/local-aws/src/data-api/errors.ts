/** The errors of the Data API and their HTTP status codes. */

/**
 * HTTP status codes by error name. The SDK models all but the last five, including errors that only the real service or
 * an injected fault returns. The last five reach the caller as plain service exceptions of that name.
 */
export const STATUS = {
  AccessDeniedException: 403,
  BadRequestException: 400,
  DatabaseErrorException: 400,
  DatabaseNotFoundException: 404,
  DatabaseResumingException: 400,
  DatabaseUnavailableException: 504,
  ForbiddenException: 403,
  HttpEndpointNotEnabledException: 400,
  InternalServerErrorException: 500,
  InvalidResourceStateException: 400,
  InvalidSecretException: 400,
  NotFoundException: 404,
  SecretsErrorException: 400,
  ServiceUnavailableError: 503,
  StatementTimeoutException: 400,
  TransactionNotFoundException: 404,
  UnsupportedResultException: 400,
  ValidationException: 400,
  MissingAuthenticationTokenException: 403,
  UnrecognizedClientException: 403,
  RequestEntityTooLargeException: 413,
  UnknownOperationException: 404,
} as const;

export type ServiceErrorName = keyof typeof STATUS;

export class ServiceError extends Error {
  /** @param extra more members of the error's body, e.g. `dbConnectionId` */
  constructor(
    override readonly name: ServiceErrorName,
    message: string,
    readonly extra: Readonly<Record<string, number>> = {},
  ) {
    super(message);
  }

  get status(): number {
    return STATUS[this.name];
  }
}

export const invalid = (message: string): ServiceError => new ServiceError('ValidationException', message);
export const unsupportedResult = (message: string): ServiceError =>
  new ServiceError('UnsupportedResultException', message);
export const unsupportedType = (typeName: string): ServiceError =>
  unsupportedResult(`The result contains the unsupported data type ${typeName.toUpperCase()}.`);

/** An error of node-postgres. Errors from the server have these members; errors of the socket have at most `code`. */
interface DatabaseMessage extends Error {
  readonly severity?: string;
  readonly code?: string;
  readonly detail?: string;
  readonly position?: string;
}

/** Returns true if the error ended the session: the server reported it as fatal, or the socket failed (no severity). */
export function endsSession(error: DatabaseMessage): boolean {
  return error.severity === undefined || error.severity === 'FATAL' || error.severity === 'PANIC';
}

/**
 * Formats the database's error as the service does: `ERROR: <message>`, detail and position on separate lines, then
 * `; SQLState: <code>`. AWS does not document the exact text, so match only the SQLState at the end.
 */
export function databaseError(error: DatabaseMessage): ServiceError {
  if (error.severity === undefined) {
    return new ServiceError('DatabaseErrorException', `FATAL: ${error.message}; SQLState: 08006`);
  }
  const detail = error.detail === undefined ? '' : `\n  Detail: ${error.detail}`;
  const position = error.position === undefined ? '' : `\n  Position: ${error.position}`;
  return new ServiceError(
    'DatabaseErrorException',
    `${error.severity}: ${error.message}${detail}${position}; SQLState: ${error.code ?? 'XX000'}`,
  );
}

/** Converts an error that was thrown on a session; a ServiceError stays as it is. */
export const serviceError = (thrown: unknown): ServiceError =>
  thrown instanceof ServiceError ? thrown : databaseError(thrown as DatabaseMessage);

/** Converts the error of a failed connection: the server refused it, or the writer is unreachable. */
export function connectionError(error: DatabaseMessage): ServiceError {
  if (error.severity !== undefined) return databaseError(error);
  return new ServiceError(
    'DatabaseUnavailableException',
    `The writer instance in the DB cluster isn't available: ${error.message}`,
  );
}
