/** Makes the template's tables once; a table that is there already keeps its items. */
import { setTimeout as sleep } from 'node:timers/promises';

import type { TableResource } from '../assembly';
import type { Backend } from './backend';

const ACTIVE_DEADLINE_MS = 10_000;
const POLL_MS = 5;

interface Description {
  readonly TableStatus: string;
  readonly KeySchema: unknown;
}

/** @throws Error if a table that is there has another key */
export async function ensureTable(backend: Backend, table: TableResource): Promise<void> {
  const existing = await describe(backend, table.name);
  if (existing === undefined) await backend.call('CreateTable', createRequest(table));
  else if (JSON.stringify(existing.KeySchema) !== JSON.stringify(table.keySchema)) {
    throw new Error(
      `Table ${table.name} was made with the key ${JSON.stringify(existing.KeySchema)}, but the template says ` +
        `${JSON.stringify(table.keySchema)}. Start with a new state directory.`,
    );
  }
  const deadline = Date.now() + ACTIVE_DEADLINE_MS;
  while ((await describe(backend, table.name))?.TableStatus !== 'ACTIVE') {
    if (Date.now() > deadline) {
      throw new Error(`Table ${table.name} was never made completely. Start with a new state directory.`);
    }
    await sleep(POLL_MS);
  }
}

async function describe(backend: Backend, name: string): Promise<Description | undefined> {
  try {
    const { Table } = await backend.call('DescribeTable', { TableName: name });
    return Table as Description;
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

function createRequest(table: TableResource): Record<string, unknown> {
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
