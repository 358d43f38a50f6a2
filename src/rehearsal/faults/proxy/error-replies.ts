/** Error responses of the services, each in its own wording and protocol. */
import type { Reply } from './call';

export type ServiceError = 'throttled' | 'unavailable' | 'failed' | 'timed-out';

interface ErrorReply {
  readonly status: number;
  readonly name: string;
  readonly message: string;
  readonly more?: Readonly<Record<string, unknown>>;
}

const THROTTLED_KEY = {
  throttlingReasons: [
    {
      reason: 'TableWriteKeyRangeThroughputExceeded',
      resource: 'arn:aws:dynamodb:local:000000000000:table/any',
    },
  ],
};

const DYNAMODB: Readonly<Partial<Record<ServiceError, readonly ErrorReply[]>>> = {
  // On-demand tables throttle with the first name, provisioned tables with the second.
  throttled: [
    {
      status: 400,
      name: 'ThrottlingException',
      message: 'Throughput exceeds the current capacity.',
      more: THROTTLED_KEY,
    },
    {
      ...{ status: 400, name: 'ProvisionedThroughputExceededException' },
      message: 'The level of configured provisioned throughput for the table was exceeded.',
    },
  ],
  unavailable: [
    { status: 503, name: 'ServiceUnavailable', message: 'The service is temporarily unavailable.' },
  ],
  failed: [{ status: 500, name: 'InternalServerError', message: 'The request could not be processed.' }],
};

const RDS_DATA: Readonly<Partial<Record<ServiceError, readonly ErrorReply[]>>> = {
  throttled: [{ status: 400, name: 'ThrottlingException', message: 'Rate exceeded' }],
  unavailable: [{ status: 503, name: 'ServiceUnavailableError', message: 'The service is not available.' }],
  failed: [{ status: 500, name: 'InternalServerErrorException', message: 'An internal error occurred.' }],
  'timed-out': [
    {
      ...{ status: 400, name: 'StatementTimeoutException', message: 'The statement timed out.' },
      more: { dbConnectionId: 1 },
    },
  ],
};

const OTHERS: Readonly<Partial<Record<ServiceError, readonly ErrorReply[]>>> = {
  throttled: [{ status: 400, name: 'ThrottlingException', message: 'Rate exceeded' }],
  unavailable: [{ status: 503, name: 'ServiceUnavailableException', message: 'Service Unavailable' }],
  failed: [{ status: 500, name: 'InternalFailure', message: 'An internal error occurred.' }],
};

/** Returns a service's error response. @param fraction selects one of several wordings, 0 ≤ fraction < 1 */
export function errorReply(service: string, kind: ServiceError, fraction = 0): Reply {
  const replies = (service === 'dynamodb' ? DYNAMODB : service === 'rds-data' ? RDS_DATA : OTHERS)[kind];
  if (replies === undefined) throw new Error(`${service} has no such error response: ${kind}`);
  const { status, name, message, more } = replies[Math.floor(fraction * replies.length)]!;
  const rest = service === 'rds-data';
  const type = service === 'dynamodb' ? `com.amazonaws.dynamodb.v20120810#${name}` : name;
  return {
    status,
    headers: {
      'content-type': rest ? 'application/json' : 'application/x-amz-json-1.0',
      ...(rest ? { 'x-amzn-errortype': name } : {}),
    },
    body: Buffer.from(JSON.stringify({ ...(rest ? {} : { __type: type }), message, ...more })),
  };
}
