/** Reads the body of a request within the service's limit. */
import type { IncomingMessage } from 'node:http';

import { invalid, ServiceError } from './errors';

/** Limit of the whole HTTP request: headers, JSON syntax and values. */
const REQUEST_BYTES_MAX = 4 * 1_048_576;
/** A larger request is read up to this size and dropped, so that the caller can finish sending and get the error. */
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
      `The HTTP request is too large: ${bytes} bytes of body plus its headers, over the limit of ${REQUEST_BYTES_MAX} bytes. Send less per call`,
    );
  }
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined) throw invalid(`The body's content-encoding ${encoding} is not supported`);
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, bytes);
}

/** Counts the request line, the headers and the blank line, as they were sent. */
function headerBytes(request: IncomingMessage): number {
  const line = `${request.method ?? ''} ${request.url ?? ''} HTTP/1.1\r\n\r\n`;
  // Two bytes follow each name (`: `) and each value (the end of the line).
  return request.rawHeaders.reduce((sum, text) => sum + text.length + 2, line.length);
}
