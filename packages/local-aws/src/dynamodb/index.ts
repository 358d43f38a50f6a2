/** The local DynamoDB, based on dynalite. It counts requests, and refuses members that dynalite would silently ignore. */
import type { Item } from 'dynalite/db';
import { mkdirSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { TableResource } from '../assembly';
import type { Authorize } from '../iam';
import { openBackend, type Backend, type BackendResponse } from './backend';
import { doubleUnits, failedConditionUnits, unitsOf } from './capacity';
import { createMeter, type DynamoDbCounters, type Meter } from './counters';
import { createItemLocks, type ItemLocks } from './item-locks';
import { READS, refusalOf, WRITES } from './operations';
import { Partitions, type Throttle } from './partitions';
import { deleteTable, ensureTable, requireUnchanged } from './tables';

export type { DynamoDbCounters };

export interface DynamoDbOptions {
  /** Holds the items, which survive the end of this process, even if it is killed. Null: they are in memory. */
  readonly directory: string | null;
  readonly tables: readonly TableResource[];
  readonly region: string;
  readonly account: string;
  /** Authorizes each request. @default every caller may call every operation */
  readonly authorize?: Authorize;
  /** @default a free port */
  readonly port?: number;
  /** A monotonic clock, in milliseconds. @default this machine's */
  readonly nowMs?: () => number;
}

export interface DynamoDb {
  readonly url: string;
  /** Performs a signed request that does not arrive over a socket. */
  respond(headers: IncomingHttpHeaders, text: string): Promise<BackendResponse>;
  counters(): DynamoDbCounters;
  /** @throws Error if an existing table differs from the template */
  requireDeployable(tables: readonly TableResource[]): Promise<void>;
  /** Creates missing tables, and deletes others with their items. */
  deploy(tables: readonly TableResource[], deleted: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

type Json = Record<string, unknown>;

interface Service {
  readonly backend: Backend;
  readonly meter: Meter;
  readonly locks: ItemLocks;
  readonly authorize: Authorize | undefined;
  readonly partitions: Partitions;
  /** The response to DescribeTimeToLive, by table: dynalite does not support a time to live. */
  timeToLive: ReadonlyMap<string, object>;
}

const DISABLED = { TimeToLiveStatus: 'DISABLED' };

/** Opens the directory, creates missing tables, and listens. @throws Error if an existing table differs from the template */
export async function startDynamoDb(options: DynamoDbOptions): Promise<DynamoDb> {
  if (options.directory !== null) mkdirSync(options.directory, { recursive: true });
  const backend = await openBackend(options.directory, options.region, options.account);
  try {
    for (const table of options.tables) await ensureTable(backend, table);
  } catch (error) {
    await backend.close();
    throw error;
  }
  const meter = createMeter();
  const service: Service = {
    backend,
    meter,
    locks: createItemLocks(options.tables),
    authorize: options.authorize,
    partitions: new Partitions(options.tables, options.nowMs ?? (() => performance.now())),
    timeToLive: timeToLiveOf(options.tables),
  };
  const server = createServer((request, response) => {
    serve(service, request, response).catch((error: unknown) => {
      send(response, 500, errorBody('InternalServerError', String(error)));
    });
  });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(options.port ?? 0, '127.0.0.1', done);
  });
  return {
    respond: (headers, text) => respond(service, headers, text),
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counters: () => meter.read(),
    requireDeployable: async (tables) => {
      for (const table of tables) await requireUnchanged(backend, table);
    },
    deploy: async (tables, deleted) => {
      for (const table of tables) await ensureTable(backend, table);
      service.locks.know(tables);
      service.partitions.know(tables);
      service.timeToLive = timeToLiveOf(tables);
      for (const name of deleted) await deleteTable(backend, name);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
      await backend.close();
    },
  };
}

function timeToLiveOf(tables: readonly TableResource[]): Map<string, object> {
  return new Map(
    tables.flatMap(({ name, ttlAttribute: AttributeName }): [string, object][] =>
      AttributeName === undefined ? [] : [[name, { TimeToLiveStatus: 'ENABLED', AttributeName }]],
    ),
  );
}

async function serve(service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  const { status, body, headers } = await respond(
    service,
    request.headers,
    Buffer.concat(parts).toString('utf8'),
  );
  const requestId = headers['x-amzn-requestid'];
  send(response, status, body, requestId === undefined ? {} : { 'x-amzn-requestid': requestId });
}

async function respond(
  service: Service,
  headers: IncomingHttpHeaders,
  text: string,
): Promise<BackendResponse> {
  const operation = String(headers['x-amz-target'] ?? '').replace(/^.*\./, '');
  const sent = parse(text);
  if (sent === undefined) return refused('SerializationException', 'The body is not JSON.');
  const denied = service.authorize?.(headers.authorization, operation, sent);
  if (denied !== undefined) return refused(denied.name, denied.message);
  const refusal = refusalOf(operation, sent);
  if (refusal !== undefined) return refused('ValidationException', refusal);
  const run = (): Promise<BackendResponse> => perform(service, operation, sent, headers);
  return WRITES.includes(operation) ? service.locks.hold(operation, sent, run) : run();
}

const refused = (name: string, message: string): BackendResponse => ({
  ...{ status: 400, headers: {} },
  body: errorBody(name, message),
});

/** Runs one operation and counts what it consumes. Only a client that requested the consumption gets it. */
async function perform(service: Service, operation: string, sent: Json, headers: IncomingHttpHeaders) {
  const { backend, meter, partitions, timeToLive } = service;
  const throttle = partitions.refusal(operation, sent);
  if (throttle !== undefined) {
    meter.countThrottle(operation);
    return { status: 400, headers: {}, body: throttleBody(throttle) } satisfies BackendResponse;
  }
  const consumes = READS.includes(operation) || WRITES.includes(operation);
  const wantsCapacity = (sent['ReturnConsumedCapacity'] ?? 'NONE') !== 'NONE';
  const { ReturnValuesOnConditionCheckFailure: onFailure, ...passed } = sent;
  if (consumes && !wantsCapacity) passed['ReturnConsumedCapacity'] = 'TOTAL';
  const result = await backend.send(headers, JSON.stringify(passed));
  const content = parse(result.body) ?? {};
  const errorName = result.status === 200 ? undefined : String(content['__type']).replace(/^.*#/, '');
  if (operation === 'Scan' && sent['ConsistentRead'] === true) doubleUnits(content['ConsumedCapacity']);
  const conditionFailed = errorName === 'ConditionalCheckFailedException';
  const existing = conditionFailed ? await currentItem(backend, sent) : undefined;
  const units = conditionFailed ? failedConditionUnits(existing) : unitsOf(content['ConsumedCapacity']);
  meter.count(operation, units, conditionFailed);
  partitions.charge(operation, sent, units);
  if (consumes && !wantsCapacity) delete content['ConsumedCapacity'];
  if (existing !== undefined && onFailure === 'ALL_OLD') content['Item'] = existing;
  if (operation === 'DescribeTimeToLive' && result.status === 200)
    content['TimeToLiveDescription'] = timeToLive.get(String(sent['TableName'])) ?? DISABLED;
  return { ...result, body: JSON.stringify(content) };
}

/** Reads the item that failed the condition. It cannot have changed, because this request holds its lock. */
async function currentItem(backend: Backend, { TableName, Key, Item }: Json): Promise<Item | undefined> {
  const { Table } = await backend.call('DescribeTable', { TableName });
  const names = (Table as { KeySchema: { AttributeName: string }[] }).KeySchema.map(
    ({ AttributeName }) => AttributeName,
  );
  const whole = (Key ?? Item) as Json;
  const key = Object.fromEntries(names.map((name) => [name, whole[name]]));
  const found = await backend.call('GetItem', { TableName, Key: key, ConsistentRead: true });
  return found['Item'] as Item | undefined;
}

function parse(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

function errorBody(name: string, message: string): string {
  return JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message });
}

/** The name of the member with the reasons depends on the class of the error. */
function throttleBody({ name, message, reasons }: Throttle): string {
  const member = name === 'ThrottlingException' ? 'throttlingReasons' : 'ThrottlingReasons';
  return JSON.stringify({ ...(JSON.parse(errorBody(name, message)) as Json), [member]: reasons });
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0', ...headers });
  response.end(body);
}
