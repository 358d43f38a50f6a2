/** Runs dynalite without a port: the engine passes it requests in memory, after it has checked them. */
import dynalite from 'dynalite';
import type { IncomingHttpHeaders, Server } from 'node:http';
import { createRequire } from 'node:module';
import { EventEmitter } from 'node:events';

export interface BackendResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Backend {
  /** Passes on the headers and the body of a signed request. */
  send(headers: IncomingHttpHeaders, body: string): Promise<BackendResponse>;
  /** Calls an operation for the engine itself. @throws Error with DynamoDB's error type and message */
  call(operation: string, request: unknown): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/**
 * @param path directory of the LevelDB store; null: the items are in memory
 * @throws Error if another process has it open
 */
export async function openBackend(path: string | null, region: string, account: string): Promise<Backend> {
  if (path !== null) await requireUnlocked(path);
  const server = createStore(path, region, account);
  const [handle] = server.listeners('request');
  if (handle === undefined)
    throw new Error('dynalite has no request listener. Pin the version of dynalite that has one.');

  const send = (headers: IncomingHttpHeaders, body: string): Promise<BackendResponse> =>
    new Promise((done) => {
      const request = Object.assign(new EventEmitter(), { method: 'POST', url: '/', headers });
      const responseHeaders: Record<string, string> = {};
      const response = {
        statusCode: 200,
        setHeader: (name: string, value: unknown) => (responseHeaders[name.toLowerCase()] = String(value)),
        end: (text = '') =>
          done({ status: response.statusCode, headers: responseHeaders, body: String(text) }),
      };
      handle.call(server, request, response);
      request.emit('data', Buffer.from(body));
      request.emit('end');
    });

  return {
    send,
    call: async (operation, request) => {
      const { status, body } = await send(engineHeaders(operation, region), JSON.stringify(request));
      if (status === 200) return JSON.parse(body) as Record<string, unknown>;
      const { __type: type, message } = JSON.parse(body) as { __type: string; message?: string };
      const name = type.replace(/^.*#/, '');
      throw Object.assign(new Error(`${operation}: ${message ?? name}`), { name });
    },
    close: async () => {
      // dynalite's close() closes the store only after a server that listens has closed.
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      await new Promise<void>((done, fail) =>
        server.close((error) => (error === undefined || error === null ? done() : fail(error))),
      );
    },
  };
}

/** Checks the lock in advance: dynalite reports a locked store only at the first request, by an uncaught exception. */
async function requireUnlocked(path: string): Promise<void> {
  type Store = { open(): Promise<void>; close(): Promise<void> };
  const { Level } = createRequire(require.resolve('dynalite'))('level') as {
    Level: new (path: string) => Store;
  };
  const store = new Level(path);
  try {
    await store.open();
  } catch (cause) {
    throw new Error(
      `Opening the table store failed: ${path}. If another process uses this state directory, stop it or choose another directory.`,
      { cause },
    );
  }
  await store.close();
}

/** Sets variables of this process while it creates the store, because dynalite reads region and account from them. */
function createStore(path: string | null, region: string, account: string): Server {
  const before = { AWS_REGION: process.env['AWS_REGION'], AWS_ACCOUNT_ID: process.env['AWS_ACCOUNT_ID'] };
  Object.assign(process.env, { AWS_REGION: region, AWS_ACCOUNT_ID: account });
  try {
    // No delays: dynalite offers them to test waiting, which is not the engine's purpose.
    return dynalite({
      ...(path === null ? {} : { path }),
      createTableMs: 0,
      deleteTableMs: 0,
      updateTableMs: 0,
    });
  } finally {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

/** Returns headers with a placeholder signature: dynalite checks only its format. */
function engineHeaders(operation: string, region: string): IncomingHttpHeaders {
  const day = '20200101';
  return {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': `DynamoDB_20120810.${operation}`,
    'x-amz-date': `${day}T000000Z`,
    authorization: `AWS4-HMAC-SHA256 Credential=engine/${day}/${region}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`,
  };
}
