/**
 * Stands between functions and services, and knows of either only what a request says. Each execution environment has
 * endpoints of its own, `http://host:port/<environment>/<service>`: the SDK keeps the path of an endpoint before its own.
 */
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Call, Disturbance, Exchange, Reply } from './call';

/** Variables that name endpoints, e.g. `AWS_ENDPOINT_URL_DYNAMODB`. */
type Endpoints = Readonly<Record<string, string>>;

export interface Proxy {
  /** The same variables for a new execution environment, naming this proxy in the place of the services. */
  endpointsFor(functionName: string, endpoints: Endpoints): Record<string, string>;
  /** The environment that was given these variables; undefined if none was. */
  environmentOf(variables: Endpoints): string | undefined;
  close(): Promise<void>;
}

interface Place {
  readonly functionName: string;
  /** Address of each service. */
  readonly services: ReadonlyMap<string, string>;
}

const VARIABLE = /^AWS_ENDPOINT_URL(?:_(.+))?$/;
const HOST = '127.0.0.1';
/** Of one connection only; the others are the connection's own to decide. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'content-length'];

const serviceOf = (variable: string): string =>
  (VARIABLE.exec(variable)?.[1] ?? 'other').toLowerCase().replaceAll('_', '-');

/** @param disturb decides what becomes of a call; undefined: it passes */
export async function startProxy(disturb: (call: Call) => Disturbance | undefined): Promise<Proxy> {
  const places = new Map<string, Place>();
  const counts = new Map<string, number>();
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  const server = createServer((message, response) => {
    // The function or the service has ended, so no caller needs the error.
    serve(message, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 0;

  const serve = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [, environment = '', service = '', rest = ''] =
      /^\/([^/]+)\/([^/]+)(\/.*)?$/.exec(message.url ?? '') ?? [];
    const place = places.get(environment);
    const base = place?.services.get(service);
    if (place === undefined || base === undefined)
      return void response.writeHead(404).end(`no function was given the endpoint ${message.url ?? ''}`);
    const body = await bodyOf(message);
    const operation = operationOf(message, rest);
    const { functionName } = place;
    const counted = [functionName, service, operation].join(' ');
    const ordinal = (counts.get(counted) ?? 0) + 1;
    counts.set(counted, ordinal);
    const exchange: Exchange = {
      call: { service, operation, functionName, ordinal, environment, body },
      forward: () => send(agent, `${base}${rest}`, message, body),
      reply: (reply) => respond(response, reply),
      hangUp: () => response.destroy(),
    };
    const disturbance = disturb(exchange.call);
    if (disturbance === undefined) exchange.reply(await exchange.forward());
    else await disturbance(exchange);
  };

  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(0, HOST, done);
  });
  const origin = `http://${HOST}:${(server.address() as AddressInfo).port}`;
  return {
    endpointsFor: (functionName, endpoints) => {
      const environment = `e${places.size + 1}`;
      const variables = Object.keys(endpoints).filter((name) => VARIABLE.test(name));
      const services = new Map(
        variables.map((name) => [serviceOf(name), endpoints[name]!.replace(/\/$/, '')]),
      );
      places.set(environment, { functionName, services });
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

/** JSON protocols name it in a header, REST in the path. */
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
    const passedOn = Object.fromEntries(
      Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name)),
    );
    const upstream = request(
      url,
      { agent, method, headers: { ...passedOn, 'content-length': body.length } },
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

function respond(response: ServerResponse, { status, headers, body }: Reply): void {
  if (response.destroyed) return;
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !HOP_BY_HOP.includes(name)) response.setHeader(name, value);
  }
  response.writeHead(status, { 'content-length': body.length });
  response.end(body);
}
