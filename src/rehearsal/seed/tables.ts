import { escapeIdentifier, type Client } from 'pg';
import type { Side } from '../../contract/sides';
import { APP_OWNER, SLUICE } from './logins';
import findTableSql from './find-table.sql';

/** A mapped table that exists in a database. */
export interface ExistingTable {
  /** As the definition writes it. */
  readonly name: string;
  readonly schema: string;
  /** Schema and name, quoted. */
  readonly quoted: string;
  readonly owner: string;
}

/** Returns the tables that exist. */
export async function findTables(client: Client, names: readonly string[]): Promise<ExistingTable[]> {
  const found: ExistingTable[] = [];
  for (const name of names) {
    const { rows } = await client.query<Omit<ExistingTable, 'name'>>(findTableSql, [name]);
    if (rows[0] !== undefined) found.push({ name, ...rows[0] });
  }
  return found;
}

const RIGHTS: Readonly<Record<Side, string>> = {
  source: 'SELECT',
  target: 'SELECT, INSERT, UPDATE, DELETE',
};

/** Grants the privileges that docs/guide/roles.sql requires on existing tables. */
export async function grantTables(
  client: Client,
  side: Side,
  tables: readonly ExistingTable[],
): Promise<void> {
  for (const { schema, quoted, owner } of tables) {
    const { worker, verifier } = SLUICE;
    await client.query(`GRANT USAGE ON SCHEMA ${escapeIdentifier(schema)} TO ${worker}, ${verifier}`);
    await client.query(`GRANT ${RIGHTS[side]} ON ${quoted} TO ${worker}`);
    await client.query(`GRANT SELECT ON ${quoted} TO ${verifier}`);
    if (owner !== APP_OWNER && owner !== SLUICE.owner)
      await client.query(`GRANT ${escapeIdentifier(owner)} TO ${SLUICE.owner}`);
  }
}
