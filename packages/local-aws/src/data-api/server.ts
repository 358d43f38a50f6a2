/**
 * A strict RDS Data API for Aurora PostgreSQL, in front of ordinary PostgreSQL servers, for unchanged SDK clients and
 * the AWS CLI over plain http. Where AWS's documentation is silent the stricter reading holds and the place says so.
 * Signatures are not verified; their access key says who calls.
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

/** Longer than the SDK keeps a socket, so that a call never meets one that is being closed. */
const KEEP_ALIVE_MS = 120_000;

/** Starts the server in this process. @throws Error if the port is taken */
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

/** Goes on if the caller hangs up: the statement runs to its end, as in AWS. */
async function serve(
  operations: Operations,
  counting: Counting,
  authorize: Authorize | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const operation = PATHS[request.url ?? ''];
  const called = operation ?? 'Unknown';
  let requestBytes = 0;
  try {
    const body = await readBody(request);
    requestBytes = body.length;
    if (request.method !== 'POST' || operation === undefined) throw unknownOperation(request);
    const parsed = parseBody(body);
    const refusal = authorize?.(request.headers.authorization, operation, parsed);
    if (refusal !== undefined) throw new ServiceError(refusal.name, refusal.message);
    const json = Buffer.from(await operations.run(operation, parsed));
    counting.add(called, requestBytes, json.length);
    answer(response, 200, json, {});
  } catch (thrown) {
    // The caller left before it had sent everything: there was no call.
    if (request.errored !== null) return;
    const error = thrown instanceof ServiceError ? thrown : internal(thrown);
    const json = Buffer.from(JSON.stringify({ message: error.message, ...error.extra }));
    counting.add(called, requestBytes, json.length, error.name);
    answer(response, error.status, json, { 'x-amzn-errortype': error.name });
  }
}

function answer(
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
