/** Receives a request's body within the service's limit. */
import type { IncomingMessage } from 'node:http';

import { invalid, ServiceError } from './errors';

/** Of the whole HTTP request: headers, JSON notation and values. */
const REQUEST_BYTES_MAX = 4 * 1_048_576;
/** What is read and dropped so that the caller can finish sending and hear the refusal. */
const DROPPED_BYTES_MAX = 16 * REQUEST_BYTES_MAX;

/** @throws ServiceError RequestEntityTooLargeException; ValidationException for a compressed body */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const bytesMax = REQUEST_BYTES_MAX - headerBytes(request);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= bytesMax) chunks.push(chunk);
    else chunks.length = 0;
    if (bytes > DROPPED_BYTES_MAX) break;
  }
  if (bytes > bytesMax) {
    throw new ServiceError(
      'RequestEntityTooLargeException',
      `The HTTP request has ${bytes} bytes of body and its headers, over the limit of ${REQUEST_BYTES_MAX}; send less per call`,
    );
  }
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined) throw invalid(`The body's content-encoding ${encoding} is not supported`);
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, bytes);
}

/** Request line, headers and the blank line, as they were sent. */
function headerBytes(request: IncomingMessage): number {
  const line = `${request.method ?? ''} ${request.url ?? ''} HTTP/1.1\r\n\r\n`;
  // Each name and value has `: ` or a line's end behind it.
  return request.rawHeaders.reduce((sum, text) => sum + text.length + 2, line.length);
}
