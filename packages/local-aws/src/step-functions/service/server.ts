import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AccessControl } from '../access-control';
import { isObject, type Json } from '../json';
import { LIMITS } from '../limits';
import { runOperation, type ServiceContext } from './operations';
import { ServiceError } from './service-error';

const TARGET = /^AWSStepFunctions\.([A-Za-z]+)$/;

export interface RunningServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the API in AWS JSON 1.0 on 127.0.0.1. `port` 0 selects a free port. */
export async function serve(
  port: number,
  context: ServiceContext,
  newUuid: () => string,
  accessControl?: AccessControl,
): Promise<RunningServer> {
  const server = createServer(
    (message, response) => void handleRequest(message, response, context, newUuid(), accessControl),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: actual } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${actual}`, close: () => closeServer(server) };
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

async function handleRequest(
  message: IncomingMessage,
  response: ServerResponse,
  context: ServiceContext,
  requestId: string,
  accessControl: AccessControl | undefined,
): Promise<void> {
  const send = (status: number, body: object): void => {
    response.writeHead(status, {
      'content-type': 'application/x-amz-json-1.0',
      'x-amzn-requestid': requestId,
    });
    response.end(JSON.stringify(body));
  };
  try {
    const operation = TARGET.exec(String(message.headers['x-amz-target']))?.[1];
    if (message.method !== 'POST' || operation === undefined) {
      throw new ServiceError(
        'UnknownOperationException',
        'Only POST requests with X-Amz-Target AWSStepFunctions.* are supported',
      );
    }
    const body = await readBody(message);
    const { authorization } = message.headers;
    const refusal = accessControl?.authorizeRequest(authorization, operation, isObject(body) ? body : {});
    if (refusal) throw new ServiceError(refusal.name, refusal.message);
    send(200, runOperation(operation, body, context));
  } catch (error) {
    if (error instanceof ServiceError) send(400, { __type: error.type, message: error.message });
    else send(500, { __type: 'InternalFailure', message: (error as Error).stack ?? String(error) });
  }
}

async function readBody(message: IncomingMessage): Promise<Json> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of message as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > LIMITS.requestBytesMax) {
      throw new ServiceError('ValidationException', `The request exceeds ${LIMITS.requestBytesMax} bytes`);
    }
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8')) as Json;
  } catch {
    throw new ServiceError('SerializationException', 'The request body is not valid JSON');
  }
}
