/**
 * An HTTP proxy between functions and services. Each execution environment has its own endpoints,
 * `http://host:port/<environment>/<service>`; the SDK appends the path of a request to the path of the endpoint.
 */
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Call, Interceptor, Exchange, Reply } from './call';

/** Variables that name endpoints, e.g. `AWS_ENDPOINT_URL_DYNAMODB`. */
type Endpoints = Readonly<Record<string, string>>;

export interface Proxy {
  /** Returns the same variables for a new execution environment, with this proxy instead of the services. */
  endpointsFor(functionName: string, endpoints: Endpoints): Record<string, string>;
  /** Returns the environment that has these variables; undefined if none has. */
  environmentOf(variables: Endpoints): string | undefined;
  close(): Promise<void>;
}

interface ProxiedEnvironment {
  readonly functionName: string;
  /** Address of each service. */
  readonly services: ReadonlyMap<string, string>;
}

const VARIABLE = /^AWS_ENDPOINT_URL(?:_(.+))?$/;
const HOST = '127.0.0.1';
/** Headers of a single connection, which a proxy must not forward. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'content-length'];

const serviceOf = (variable: string): string =>
  (VARIABLE.exec(variable)?.[1] ?? 'other').toLowerCase().replaceAll('_', '-');

/** @param intercept returns the interceptor of a call; undefined forwards the call unchanged */
export async function startProxy(intercept: (call: Call) => Interceptor | undefined): Promise<Proxy> {
  const environments = new Map<string, ProxiedEnvironment>();
  const counts = new Map<string, number>();
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  const server = createServer((message, response) => {
    // The function or the service is gone, so there is no one to send a response to.
    serve(message, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 0;

  const serve = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [, environment = '', service = '', rest = ''] =
      /^\/([^/]+)\/([^/]+)(\/.*)?$/.exec(message.url ?? '') ?? [];
    const found = environments.get(environment);
    const base = found?.services.get(service);
    if (found === undefined || base === undefined)
      return void response.writeHead(404).end(`no function has the endpoint ${message.url ?? ''}`);
    const body = await bodyOf(message);
    const operation = operationOf(message, rest);
    const { functionName } = found;
    const counted = [functionName, service, operation].join(' ');
    const ordinal = (counts.get(counted) ?? 0) + 1;
    counts.set(counted, ordinal);
    const exchange: Exchange = {
      call: { service, operation, functionName, ordinal, environment, body },
      forward: () => send(agent, `${base}${rest}`, message, body),
      reply: (reply) => sendReply(response, reply),
      hangUp: () => response.destroy(),
    };
    const interceptor = intercept(exchange.call);
    if (interceptor === undefined) exchange.reply(await exchange.forward());
    else await interceptor(exchange);
  };

  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(0, HOST, done);
  });
  const origin = `http://${HOST}:${(server.address() as AddressInfo).port}`;
  return {
    endpointsFor: (functionName, endpoints) => {
      const environment = `e${environments.size + 1}`;
      const variables = Object.keys(endpoints).filter((name) => VARIABLE.test(name));
      const services = new Map(
        variables.map((name) => [serviceOf(name), endpoints[name]!.replace(/\/$/, '')]),
      );
      environments.set(environment, { functionName, services });
      return Object.fromEntries(
        variables.map((name) => [name, `${origin}/${environment}/${serviceOf(name)}`]),
      );
    },
    environmentOf: (variables) =>
      Object.values(variables)
        .find((value) => value.startsWith(`${origin}/`))
        ?.slice(origin.length + 1)
        .split('/')[0],
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/** Reads the operation: JSON protocols name it in a header, REST in the path. */
function operationOf({ headers }: IncomingMessage, path: string): string {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.split('.').at(-1) ?? target;
  return (
    path
      .split('?')[0]!
      .split('/')
      .findLast((word) => word !== '') ?? '/'
  );
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}

function send(agent: Agent, url: string, { method, headers }: IncomingMessage, body: Buffer): Promise<Reply> {
  return new Promise((done, fail) => {
    const forwarded = Object.fromEntries(
      Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name)),
    );
    const upstream = request(
      url,
      { agent, method, headers: { ...forwarded, 'content-length': body.length } },
      (response) => {
        bodyOf(response).then(
          (received) => done({ status: response.statusCode ?? 0, headers: response.headers, body: received }),
          fail,
        );
      },
    );
    upstream.on('error', fail);
    upstream.end(body);
  });
}

function sendReply(response: ServerResponse, { status, headers, body }: Reply): void {
  if (response.destroyed) return;
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !HOP_BY_HOP.includes(name)) response.setHeader(name, value);
  }
  response.writeHead(status, { 'content-length': body.length });
  response.end(body);
}
