/** Lambda's Invoke over HTTP, for SDK clients and the AWS CLI: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import { InvocationError } from './errors';
import { PAYLOAD_BYTES_MAX, type Answer } from './function-pool';

export type Invoke = (functionName: string, payload: string) => Promise<Answer>;

const INVOKE_PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly message: string;
}

const STATUS: Readonly<Record<string, number>> = {
  'Lambda.RequestEntityTooLargeException': 413,
  'Lambda.ResourceNotFoundException': 404,
  'Lambda.TooManyRequestsException': 429,
};

export function createEndpoint(invoke: Invoke): Server {
  return createServer((request, response) => {
    answer(request, response, invoke).catch((error: unknown) => {
      refuse(response, { status: 500, type: 'ServiceException', message: String(error) });
    });
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, invoke: Invoke): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const name = INVOKE_PATH.exec(pathname)?.[1];
  if (request.method !== 'POST' || name === undefined) {
    const target = request.headers['x-amz-target'] ?? `${request.method} ${pathname}`;
    const message = `The local engine has no service for ${String(target)}; of Lambda it has Invoke only.`;
    return refuse(response, { status: 404, type: 'UnknownOperationException', message });
  }
  const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  if (type !== 'RequestResponse') {
    const message = `The local Lambda endpoint runs RequestResponse invocations only, not ${String(type)}.`;
    return refuse(response, { status: 400, type: 'InvalidParameterValueException', message });
  }
  const body = await readBody(request);
  if (!isJson(body)) {
    const message = 'Could not parse request body into json.';
    return refuse(response, { status: 400, type: 'InvalidRequestContentException', message });
  }
  try {
    const { requestId, payload } = await invoke(decodeURIComponent(name), body);
    send(response, 200, { 'x-amzn-requestid': requestId }, payload);
  } catch (error) {
    if (!(error instanceof InvocationError)) throw error;
    if (error.payload === undefined) {
      const shortName = error.name.replace(/^Lambda\./, '');
      return refuse(response, { status: STATUS[error.name] ?? 500, type: shortName, message: error.message });
    }
    const headers = { 'x-amzn-requestid': error.requestId, 'x-amz-function-error': 'Unhandled' };
    send(response, 200, headers, error.payload);
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    // One byte too many is enough for the refusal; the rest is read and forgotten.
    if (bytes <= PAYLOAD_BYTES_MAX + 65_536) parts.push(part);
  }
  const text = Buffer.concat(parts).toString('utf8');
  return text === '' ? 'null' : text;
}

function isJson(text: string): boolean {
  if (Buffer.byteLength(text) > PAYLOAD_BYTES_MAX) return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function refuse(response: ServerResponse, { status, type, message }: Refusal): void {
  send(response, status, { 'x-amzn-errortype': type }, JSON.stringify({ Type: 'User', Message: message }));
}

function send(response: ServerResponse, status: number, headers: Record<string, string>, body: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'x-amz-executed-version': '$LATEST',
    ...headers,
  });
  response.end(body);
}
