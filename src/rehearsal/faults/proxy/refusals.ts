/** Error responses of services, each in its own wording and protocol. */
import type { Reply } from './call';

export type Refusal = 'throttled' | 'unavailable' | 'failed' | 'timed-out';

interface Worded {
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

const DYNAMODB: Readonly<Partial<Record<Refusal, readonly Worded[]>>> = {
  // On demand throttles by the first name, provisioned capacity by the second.
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

const RDS_DATA: Readonly<Partial<Record<Refusal, readonly Worded[]>>> = {
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

const OTHERS: Readonly<Partial<Record<Refusal, readonly Worded[]>>> = {
  throttled: [{ status: 400, name: 'ThrottlingException', message: 'Rate exceeded' }],
  unavailable: [{ status: 503, name: 'ServiceUnavailableException', message: 'Service Unavailable' }],
  failed: [{ status: 500, name: 'InternalFailure', message: 'An internal error occurred.' }],
};

/** @param share which of several wordings, 0 ≤ share < 1 */
export function refusal(service: string, kind: Refusal, share = 0): Reply {
  const worded = (service === 'dynamodb' ? DYNAMODB : service === 'rds-data' ? RDS_DATA : OTHERS)[kind];
  if (worded === undefined) throw new Error(`${service} has no such response: ${kind}`);
  const { status, name, message, more } = worded[Math.floor(share * worded.length)]!;
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
