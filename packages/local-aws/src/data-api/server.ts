/**
 * Serves the RDS Data API for Aurora PostgreSQL on top of ordinary PostgreSQL servers. Unchanged SDK clients and the AWS
 * CLI call it over plain HTTP. Where AWS's documentation is silent, it applies the stricter reading, and a comment says
 * so. Signatures are not verified; the access key in a signature identifies the caller.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Authorizer, type Authorize } from '../iam';
import { readBody } from './body';
import { Counting } from './counting';
import { ServiceError } from './errors';
import { Operations, type Operation } from './operations';
import type { DataApi, DataApiOptions } from './options';
import { parseBody } from './wire';

export type { DataApi, DataApiCounters, DataApiOptions } from './options';

const PATHS: Readonly<Record<string, Operation>> = {
  '/Execute': 'ExecuteStatement',
  '/BatchExecute': 'BatchExecuteStatement',
  '/BeginTransaction': 'BeginTransaction',
  '/CommitTransaction': 'CommitTransaction',
  '/RollbackTransaction': 'RollbackTransaction',
};

/** Longer than the SDK keeps a socket, so that a call never uses a socket that is being closed. */
const KEEP_ALIVE_MS = 120_000;

/** Starts the server in this process. @throws Error if the port is in use */
export async function startDataApi(options: DataApiOptions): Promise<DataApi> {
  const operations = new Operations(options);
  const counting = new Counting();
  const authorizer = options.policies === undefined ? undefined : new Authorizer(options.policies);
  const authorize = authorizer?.forService('rds-data');
  const server = createServer(
    (request, response) => void serve(operations, counting, authorize, request, response),
  );
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const port = await listen(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${port}`,
    counters: async () => counting.counters(),
    access: async () => authorizer?.usage() ?? { used: [], denied: [] },
    authorizeBy: async (policies) => authorizer?.update(policies),
    close: async () => {
      const closed = new Promise((done) => server.close(done));
      await operations.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** Continues if the caller disconnects: the statement runs to its end, as in AWS. */
async function serve(
  operations: Operations,
  counting: Counting,
  authorize: Authorize | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const operation = PATHS[request.url ?? ''];
  const operationName = operation ?? 'Unknown';
  let requestBytes = 0;
  try {
    const body = await readBody(request);
    requestBytes = body.length;
    if (request.method !== 'POST' || operation === undefined) throw unknownOperation(request);
    const parsed = parseBody(body);
    const refusal = authorize?.(request.headers.authorization, operation, parsed);
    if (refusal !== undefined) throw new ServiceError(refusal.name, refusal.message);
    const json = Buffer.from(await operations.run(operation, parsed));
    counting.add(operationName, requestBytes, json.length);
    respond(response, 200, json, {});
  } catch (thrown) {
    // The caller disconnected before it had sent the whole request, so there was no call.
    if (request.errored !== null) return;
    const error = thrown instanceof ServiceError ? thrown : internal(thrown);
    const json = Buffer.from(JSON.stringify({ message: error.message, ...error.extra }));
    counting.add(operationName, requestBytes, json.length, error.name);
    respond(response, error.status, json, { 'x-amzn-errortype': error.name });
  }
}

function respond(
  response: ServerResponse,
  status: number,
  json: Buffer,
  headers: Readonly<Record<string, string>>,
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': json.length,
    'x-amzn-requestid': randomUUID(),
    ...headers,
  });
  response.end(json);
}

function unknownOperation(request: IncomingMessage): ServiceError {
  const reason = request.url === '/ExecuteSql' ? 'ExecuteSql is not supported; use ExecuteStatement' : '';
  return new ServiceError(
    'UnknownOperationException',
    reason || `Unknown operation ${request.method ?? ''} ${request.url ?? ''}`,
  );
}

function internal(thrown: unknown): ServiceError {
  const message = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return new ServiceError('InternalServerErrorException', message);
}
