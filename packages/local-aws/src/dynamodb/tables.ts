/** Creates the template's tables. An existing table keeps its items. */
import type { AttributeDefinition, KeySchemaElement, LocalSecondaryIndex } from '@aws-sdk/client-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';

import type { TableResource } from '../assembly';
import type { Backend } from './backend';

const ACTIVE_DEADLINE_MS = 10_000;
const POLL_MS = 5;

interface Description extends Declared {
  readonly TableStatus: string;
  readonly BillingModeSummary?: { readonly BillingMode?: string };
}

/** The members of CreateTable that DescribeTable also returns. */
interface Declared {
  readonly KeySchema: readonly KeySchemaElement[];
  readonly AttributeDefinitions: readonly AttributeDefinition[];
  readonly GlobalSecondaryIndexes?: readonly Index[];
  readonly LocalSecondaryIndexes?: readonly Index[];
}
type Index = Pick<LocalSecondaryIndex, 'IndexName' | 'KeySchema' | 'Projection'>;

/** Creates the table unless it exists. @throws Error if an existing table differs from the template */
export async function ensureTable(backend: Backend, table: TableResource): Promise<void> {
  const existing = await describeTable(backend, table.name);
  if (existing === undefined) await backend.call('CreateTable', createRequest(table));
  else requireSame(existing, table);
  const deadline = Date.now() + ACTIVE_DEADLINE_MS;
  while ((await describeTable(backend, table.name))?.TableStatus !== 'ACTIVE') {
    if (Date.now() > deadline) {
      throw new Error(
        `Table ${table.name} is not active after ${ACTIVE_DEADLINE_MS / 1000} s. Start with a new state directory.`,
      );
    }
    await sleep(POLL_MS);
  }
}

/** Deletes a table with its items, if it exists. */
export async function deleteTable(backend: Backend, name: string): Promise<void> {
  if ((await describeTable(backend, name)) === undefined) return;
  await backend.call('DeleteTable', { TableName: name });
  while ((await describeTable(backend, name)) !== undefined) await sleep(POLL_MS);
}

/** @throws Error if the table exists and differs from the template */
export async function requireUnchanged(backend: Backend, table: TableResource): Promise<void> {
  const existing = await describeTable(backend, table.name);
  if (existing !== undefined) requireSame(existing, table);
}

/** AWS would update or replace the table; this engine only creates new ones. */
function requireSame(existing: Description, table: TableResource): void {
  const before = partsOf(existing, existing.BillingModeSummary?.BillingMode ?? 'PROVISIONED');
  const wanted = partsOf(createRequest(table), table.billingMode);
  for (const [part, value] of Object.entries(wanted)) {
    const [actual, declared] = [JSON.stringify(before[part]), JSON.stringify(value)];
    if (actual === declared) continue;
    throw new Error(
      `Table ${table.name} was created with the ${part} ${actual}, but the template declares ${declared}. ` +
        'Start with a new state directory.',
    );
  }
}

/** Returns the parts of a declaration by their names in messages, independent of the template's order. */
const partsOf = (declared: Declared, billingMode: string): Readonly<Record<string, unknown>> => ({
  key: declared.KeySchema.map(keyOf),
  attributes: declared.AttributeDefinitions.map(
    ({ AttributeName, AttributeType }) => `${AttributeName} ${AttributeType}`,
  ).sort(),
  'global indexes': indexesOf(declared.GlobalSecondaryIndexes),
  'local indexes': indexesOf(declared.LocalSecondaryIndexes),
  'billing mode': billingMode,
});

const keyOf = ({ AttributeName, KeyType }: KeySchemaElement) => ({ AttributeName, KeyType });

const indexesOf = (indexes: readonly Index[] = []) =>
  indexes
    .map(({ IndexName = '', KeySchema = [], Projection = {} }) => ({
      IndexName,
      KeySchema: KeySchema.map(keyOf),
      ProjectionType: Projection.ProjectionType,
      NonKeyAttributes: [...(Projection.NonKeyAttributes ?? [])].sort(),
    }))
    .sort((one, other) => (one.IndexName < other.IndexName ? -1 : 1));

async function describeTable(backend: Backend, name: string): Promise<Description | undefined> {
  try {
    const { Table } = await backend.call('DescribeTable', { TableName: name });
    return Table as Description;
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

function createRequest(table: TableResource): Declared & Readonly<Record<string, unknown>> {
  return {
    TableName: table.name,
    KeySchema: table.keySchema,
    AttributeDefinitions: table.attributes,
    BillingMode: table.billingMode,
    ...(table.provisionedThroughput === undefined
      ? {}
      : { ProvisionedThroughput: table.provisionedThroughput }),
    ...(table.globalIndexes.length === 0 ? {} : { GlobalSecondaryIndexes: table.globalIndexes }),
    ...(table.localIndexes.length === 0 ? {} : { LocalSecondaryIndexes: table.localIndexes }),
  };
}
