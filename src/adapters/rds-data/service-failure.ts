import type { ConnectFailure } from '../../core/preflight/facts';

/** Errors of the Data API that prevent a login from connecting, by name. */
const CONNECT_FAILURES: Readonly<Record<string, ConnectFailure>> = {
  AccessDeniedException: 'access denied',
  ForbiddenException: 'access denied',
  HttpEndpointNotEnabledException: 'API disabled',
  InvalidSecretException: 'malformed secret',
  SecretsErrorException: 'unreadable secret',
  DatabaseNotFoundException: 'unknown cluster',
  InvalidResourceStateException: 'cluster unavailable',
};

export const serviceFailure = (name: string): ConnectFailure => CONNECT_FAILURES[name] ?? 'other';
