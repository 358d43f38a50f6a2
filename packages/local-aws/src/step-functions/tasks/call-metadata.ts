import { createHash } from 'node:crypto';
import type { JsonObject } from '../json';

/** The response metadata in the result of an optimised integration, as recorded on AWS. */
export interface CallMetadata extends JsonObject {
  readonly SdkHttpMetadata: JsonObject;
  readonly SdkResponseMetadata: JsonObject;
}

function metadata(headers: Readonly<Record<string, string>>, statusCode: number, requestId: string) {
  const lists = Object.entries(headers).map(([name, value]) => [name, [value]]);
  return {
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(lists) as JsonObject,
      HttpHeaders: { ...headers },
      HttpStatusCode: statusCode,
    },
    SdkResponseMetadata: { RequestId: requestId },
  } satisfies CallMetadata;
}

interface ServiceResponse {
  /** JSON text. */
  readonly body: string;
  readonly requestId: string;
  readonly nowMs: number;
}

/** Builds the metadata of a Lambda Invoke. */
export function invokeMetadata(
  { body, requestId, nowMs }: ServiceResponse,
  { statusCode, executedVersion }: { readonly statusCode: number; readonly executedVersion: string },
): CallMetadata {
  const headers = {
    Connection: 'keep-alive',
    'Content-Length': String(Buffer.byteLength(body)),
    'Content-Type': 'application/json',
    Date: new Date(nowMs).toUTCString(),
    'X-Amz-Executed-Version': executedVersion,
    'x-amzn-Remapped-Content-Length': '0',
    'x-amzn-RequestId': requestId,
    'X-Amzn-Trace-Id': traceIdOf(requestId, nowMs),
  };
  return metadata(headers, statusCode, requestId);
}

/** Builds the metadata of a Step Functions API operation. */
export function apiMetadata({ body, requestId, nowMs }: ServiceResponse): CallMetadata {
  const headers = {
    connection: 'keep-alive',
    'Content-Length': String(Buffer.byteLength(body)),
    'Content-Type': 'application/x-amz-json-1.0',
    Date: new Date(nowMs).toUTCString(),
    'x-amzn-RequestId': requestId,
  };
  return metadata(headers, 200, requestId);
}

/** Builds the id of an unsampled trace, since local-aws does not collect traces. */
function traceIdOf(requestId: string, nowMs: number): string {
  const second = Math.floor(nowMs / 1000)
    .toString(16)
    .padStart(8, '0');
  const digest = createHash('sha256').update(requestId).digest('hex').slice(0, 24);
  return `Root=1-${second}-${digest};Sampled=0`;
}
