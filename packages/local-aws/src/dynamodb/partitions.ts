/**
 * Enforces the throughput of one partition, which is also the limit of one hot key. AWS does not guarantee burst and
 * adaptive capacity, so this engine has none. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/burst-adaptive-capacity.html
 */
import type { TableResource } from '../assembly';
import { READS, WRITES } from './operations';

/** Per second and partition key. */
export const PARTITION_UNITS_MAX = { read: 3_000, write: 1_000 } as const;

type Json = Readonly<Record<string, unknown>>;
type Kind = keyof typeof PARTITION_UNITS_MAX;

/** A ThrottlingException or a ProvisionedThroughputExceededException, depending on the table's billing mode. */
export interface Throttle {
  readonly name: string;
  readonly message: string;
  readonly reasons: readonly { readonly reason: string; readonly resource: string }[];
}

interface Bucket {
  units: number;
  atMs: number;
}

export class Partitions {
  private tables: ReadonlyMap<string, TableResource> = new Map();
  private readonly buckets = new Map<string, Bucket>();

  constructor(
    tables: readonly TableResource[],
    private readonly nowMs: () => number,
  ) {
    this.know(tables);
  }

  /** Replaces the tables whose keys are known. */
  know(tables: readonly TableResource[]): void {
    this.tables = new Map(tables.map((table) => [table.name, table]));
  }

  /** Returns why the request is throttled; undefined if its partitions have units left. */
  refusal(operation: string, request: Json): Throttle | undefined {
    const kind = kindOf(operation);
    if (kind === undefined) return undefined;
    const exhausted = this.partitionsOf(request).find(({ name }) => this.bucket(kind, name).units <= 0);
    return exhausted === undefined ? undefined : throttleOf(exhausted.table, kind);
  }

  /** Charges the consumed units to the partitions of a request in equal parts. Their balance may become negative. */
  charge(operation: string, request: Json, units: number): void {
    const kind = kindOf(operation);
    if (kind === undefined) return;
    const partitions = this.partitionsOf(request);
    for (const { name } of partitions) this.bucket(kind, name).units -= units / partitions.length;
  }

  private bucket(kind: Kind, name: string): Bucket {
    const key = `${kind} ${name}`;
    const max = PARTITION_UNITS_MAX[kind];
    const nowMs = this.nowMs();
    const bucket = this.buckets.get(key) ?? { units: max, atMs: nowMs };
    bucket.units = Math.min(max, bucket.units + ((nowMs - bucket.atMs) / 1000) * max);
    bucket.atMs = nowMs;
    this.buckets.set(key, bucket);
    return bucket;
  }

  /** Returns the partitions of a request: none for a Scan, which reads all of them, and for a query of an index. */
  private partitionsOf(request: Json): { readonly name: string; readonly table: TableResource }[] {
    return keysOf(request).flatMap(({ tableName, valueOf }) => {
      const table = this.tables.get(tableName);
      const hash = table?.keySchema.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName;
      const value = hash === undefined ? undefined : valueOf(hash);
      if (table === undefined || value === undefined) return [];
      return [{ name: `${tableName} ${JSON.stringify(value)}`, table }];
    });
  }
}

function kindOf(operation: string): Kind | undefined {
  if (READS.includes(operation)) return 'read';
  return WRITES.includes(operation) ? 'write' : undefined;
}

interface KeyOfRequest {
  readonly tableName: string;
  readonly valueOf: (hashName: string) => unknown;
}

function keysOf(request: Json): KeyOfRequest[] {
  const { TableName, Key, Item, IndexName, RequestItems } = request;
  if (RequestItems !== undefined) return batchKeys(RequestItems as Readonly<Record<string, unknown>>);
  const tableName = String(TableName);
  const whole = (Key ?? Item) as Json | undefined;
  if (whole !== undefined) return [{ tableName, valueOf: (hash) => whole[hash] }];
  if (IndexName !== undefined) return [];
  return [{ tableName, valueOf: (hash) => queriedValue(request, hash) }];
}

function batchKeys(requestItems: Readonly<Record<string, unknown>>): KeyOfRequest[] {
  return Object.entries(requestItems).flatMap(([tableName, requests]) => {
    const items = Array.isArray(requests)
      ? (requests as { PutRequest?: { Item: Json }; DeleteRequest?: { Key: Json } }[]).map(
          ({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key,
        )
      : (requests as { Keys?: Json[] }).Keys;
    return (items ?? []).map((item) => ({ tableName, valueOf: (hash: string) => item?.[hash] }));
  });
}

/** Returns the value that a query's key condition compares the partition key with. */
function queriedValue(request: Json, hash: string): unknown {
  const names = (request['ExpressionAttributeNames'] ?? {}) as Readonly<Record<string, string>>;
  const values = (request['ExpressionAttributeValues'] ?? {}) as Json;
  const { KeyConditionExpression: condition } = request;
  if (typeof condition !== 'string') return undefined;
  for (const [, left = '', right = ''] of condition.matchAll(/([#:]?[\w.-]+)\s*=\s*([#:]?[\w.-]+)/g)) {
    for (const [name, value] of [
      [left, right],
      [right, left],
    ] as const) {
      if ((names[name] ?? name) === hash && value.startsWith(':')) return values[value];
    }
  }
  return undefined;
}

function throttleOf({ name, arn, billingMode }: TableResource, kind: Kind): Throttle {
  const onDemand = billingMode === 'PAY_PER_REQUEST';
  const direction = kind === 'read' ? 'Read' : 'Write';
  return {
    name: onDemand ? 'ThrottlingException' : 'ProvisionedThroughputExceededException',
    message: `One partition key of table ${name} consumes more than ${PARTITION_UNITS_MAX[kind]} ${kind} units per second. Send fewer requests, or spread the items over more keys`,
    reasons: [{ reason: `Table${direction}KeyRangeThroughputExceeded`, resource: arn }],
  };
}
