/** Checks what an abort leaves, and what other control planes left. */
import { runSql } from 'local-aws';
import { Client } from 'pg';
import { controlTableName } from '../../../contract/names';
import { SIDES } from '../../../contract/sides';
import { LedgerReader } from '../../observer/ledger';
import { ENVIRONMENT, type OpenRehearsal } from '../../rehearse';
import { appUrl } from '../../rehearse/open';
import type { Operator } from '../../rehearse/ports';
import { probeWrites } from '../../rehearse/probe';
import foreignLeftoversSql from './foreign-leftovers.sql';
import inventorySql from './inventory.sql';

/** Names of the relations of the target. */
export type Inventory = readonly string[];

export const readInventory = async ({ servers }: OpenRehearsal): Promise<Inventory> =>
  (await runSql<{ name: string }>(servers.target.adminUrl, inventorySql)).map(({ name }) => name);

/** After an abort, the source serves, the target is as it was before, and nothing of Sluice is left. */
export async function findAbortDoubts(
  rehearsal: OpenRehearsal,
  operator: Operator,
  before: Inventory,
): Promise<string[]> {
  const { servers, migration } = rehearsal;
  const record = (await operator.report(migration.name))?.record;
  const urls = { admin: servers.source.adminUrl, app: appUrl(rehearsal, 'source') };
  const probes = await probeWrites(
    'source',
    urls,
    migration.tables.map(({ source }) => source),
  );
  const after = await readInventory(rehearsal);
  const installed: string[] = [];
  for (const side of SIDES) if (await isInstalled(servers[side].adminUrl)) installed.push(side);
  return [
    ...(record?.status === 'aborted' ? [] : [`after its abort the migration is ${record?.status ?? 'gone'}`]),
    ...probes
      .filter(({ outcome }) => outcome !== 'accepted')
      .map(({ table, message }) => `after the abort source table ${table} refuses writes: ${message ?? ''}`),
    ...after.filter((name) => !before.includes(name)).map((name) => `the abort left ${name} on the target`),
    ...before
      .filter((name) => !after.includes(name))
      .map((name) => `the abort removed ${name} of the target`),
    ...installed.map((side) => `the abort left schema sluice on the ${side}`),
  ];
}

/** Describes objects that other control planes left in either database. */
export async function findForeignLeftovers({ servers, migration, engine }: OpenRehearsal): Promise<string[]> {
  const ledger = new LedgerReader(migration.name, controlTableName(ENVIRONMENT), engine.environment);
  const owner = await ledger.owner().finally(() => ledger.close());
  const found: string[] = [];
  for (const side of SIDES) {
    const { adminUrl } = servers[side];
    if (!(await isInstalled(adminUrl))) continue;
    for (const leftover of await leftoversOf(adminUrl, owner ?? ''))
      found.push(`another control plane left on the ${side}: ${leftover}`);
  }
  return found;
}

async function leftoversOf(url: string, owner: string): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ leftover: string }>(foreignLeftoversSql, [owner]);
    return rows.map(({ leftover }) => leftover);
  } finally {
    await client.end();
  }
}

const isInstalled = async (url: string): Promise<boolean> =>
  (await runSql(url, "SELECT FROM pg_namespace WHERE nspname = 'sluice'")).length > 0;
