/** Serves an AWS JSON protocol on 127.0.0.1, for SDK clients and the AWS CLI. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

import type { Authorize } from '../iam';
import { ServiceError } from './service-error';
import { isRecord, type Shape } from './shapes';

export interface Operation {
  /** @throws ServiceError */
  handle(body: unknown): object | Promise<object>;
}

export interface JsonService {
  /** The part of `X-Amz-Target` before the dot, e.g. `AWSEvents`. */
  readonly target: string;
  readonly jsonVersion: '1.0' | '1.1';
  /** By name. The service refuses every other operation by its name. */
  readonly operations: Readonly<Record<string, Operation>>;
  /** Limit of a request body, also after decompression. */
  readonly requestBytesMax: number;
  /** Authorizes each request. @default every request is allowed */
  readonly authorize?: Authorize | undefined;
  /** Called before each operation. */
  readonly beforeEach?: () => void;
  /** Port on 127.0.0.1. @default any free port */
  readonly port?: number | undefined;
}

export interface RunningService {
  readonly url: string;
  close(): Promise<void>;
}

/** Creates an operation that checks the body against a shape before it runs. */
export function operation<T>(
  shape: Shape<T>,
  run: (request: T) => object | Promise<object>,
): (validationError: string) => Operation {
  return (validationError) => ({
    handle(body) {
      const problems: string[] = [];
      shape.check(body, '', problems);
      if (problems.length > 0) throw new ServiceError(validationError, problems.join('; '));
      return run(body as T);
    },
  });
}

/** Creates the operations of a service, which share one type of validation error. */
export function operationsOf(
  validationError: string,
  operations: Readonly<Record<string, (validationError: string) => Operation>>,
): Readonly<Record<string, Operation>> {
  return Object.fromEntries(Object.entries(operations).map(([name, make]) => [name, make(validationError)]));
}

/** @throws Error if the port is taken */
export async function serveJson(service: JsonService): Promise<RunningService> {
  const server = createServer((request, response) => void respond(service, request, response));
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(service.port ?? 0, '127.0.0.1', done);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function respond(service: JsonService, request: IncomingMessage, response: ServerResponse) {
  const send = (status: number, body: object, headers: Record<string, string> = {}): void => {
    response.writeHead(status, {
      'content-type': `application/x-amz-json-${service.jsonVersion}`,
      'x-amzn-requestid': randomUUID(),
      ...headers,
    });
    response.end(JSON.stringify(body));
  };
  try {
    send(200, await handleRequest(service, request));
  } catch (error) {
    if (!(error instanceof ServiceError)) {
      return send(500, { __type: 'InternalFailure', message: (error as Error).stack ?? String(error) });
    }
    const { type, status, queryCode, message } = error;
    send(status, { __type: type, message }, { 'x-amzn-query-error': `${queryCode};Sender` });
  }
}

async function handleRequest(service: JsonService, request: IncomingMessage): Promise<object> {
  const { target, operations } = service;
  const called = String(request.headers['x-amz-target'] ?? `${request.method} ${request.url}`);
  const name = called.startsWith(`${target}.`) ? called.slice(target.length + 1) : undefined;
  const found = name === undefined || !Object.hasOwn(operations, name) ? undefined : operations[name];
  if (name === undefined || found === undefined || request.method !== 'POST') {
    const supported = Object.keys(operations).join(', ');
    throw new ServiceError(
      'UnknownOperationException',
      `${called} is not supported by this engine. Send a POST with X-Amz-Target in AWS JSON ${service.jsonVersion}; supported operations of ${target}: ${supported}.`,
      400,
      'UnknownOperationException',
    );
  }
  const body = await readBody(service, request);
  const parameters = isRecord(body) ? body : {};
  const denied = service.authorize?.(request.headers.authorization, name, parameters);
  if (denied !== undefined) throw new ServiceError(denied.name, denied.message, 400, denied.name);
  service.beforeEach?.();
  return found.handle(body);
}

const tooLarge = (bytesMax: number): ServiceError =>
  new ServiceError(
    'RequestEntityTooLargeException',
    `The request exceeds ${bytesMax} bytes`,
    413,
    'RequestEntityTooLarge',
  );

async function readBody(service: JsonService, request: IncomingMessage): Promise<unknown> {
  const { requestBytesMax } = service;
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > requestBytesMax) throw tooLarge(requestBytesMax);
    parts.push(part);
  }
  const whole = decompressed(service, Buffer.concat(parts), request.headers['content-encoding']);
  try {
    return JSON.parse(whole.toString('utf8') || '{}') as unknown;
  } catch {
    throw new ServiceError('SerializationException', 'The body is not JSON');
  }
}

/** @throws ServiceError if the body cannot be decompressed, or is over the limit after decompression */
function decompressed({ requestBytesMax }: JsonService, body: Buffer, encoding: string | undefined): Buffer {
  if (encoding === undefined || encoding === 'identity') return body;
  if (encoding !== 'gzip')
    throw new ServiceError('SerializationException', `Content-Encoding ${encoding} is not gzip`);
  try {
    return gunzipSync(body, { maxOutputLength: requestBytesMax });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(requestBytesMax);
    throw new ServiceError(
      'SerializationException',
      `The body cannot be decompressed: ${(error as Error).message}`,
    );
  }
}
