/** Tests whether each database accepts the application's writes, independent of the ledger. */
import { Client, escapeIdentifier } from 'pg';
import type { Side } from '../../contract/sides';
import { APP, findTables, type ExistingTable } from '../seed';

export interface WriteProbe {
  readonly side: Side;
  readonly table: string;
  readonly outcome: 'accepted' | 'refused' | 'unclear';
  /** The server's message, if it is unclear. */
  readonly message: string | null;
}

/** SQLSTATE of the guard's refusal. */
const READ_ONLY = '25006';
/** SQLSTATE class of transactions that lost against another one, e.g. one that moved the row to another partition. */
const CONFLICT = /^40/;
const ATTEMPTS = 20;
/** SQLSTATE class of constraint violations: no guard refused the row. */
const CONSTRAINT = /^23/;

/** Tries a write to each table as the application's login, in transactions that are rolled back. */
export async function probeWrites(
  side: Side,
  urls: { readonly admin: string; readonly app: string },
  tables: readonly string[],
): Promise<WriteProbe[]> {
  const found = await withClient(urls.admin, async (client) => {
    const existing = await findTables(client, tables);
    for (const { schema, quoted } of existing) await grantApp(client, schema, quoted);
    return existing;
  });
  const missing = tables.filter((name) => !found.some((table) => table.name === name));
  return [
    ...(await withClient(urls.app, async (client) => {
      const probes: WriteProbe[] = [];
      for (const table of found) probes.push(await probe(client, side, table));
      return probes;
    })),
    ...missing.map((table): WriteProbe => ({
      side,
      table,
      outcome: 'unclear',
      message: 'the table does not exist',
    })),
  ];
}

/** Grants the application every privilege, so that only a guard can refuse its writes. */
async function grantApp(client: Client, schema: string, quoted: string): Promise<void> {
  await client.query(`GRANT USAGE ON SCHEMA ${escapeIdentifier(schema)} TO ${APP}`);
  await client.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${quoted} TO ${APP}`);
}

async function probe(client: Client, side: Side, found: ExistingTable, attempt = 1): Promise<WriteProbe> {
  const { name: table, quoted } = found;
  await client.query('BEGIN');
  try {
    await client.query("SET LOCAL lock_timeout = '5s'");
    const deleted = await client.query(
      `DELETE FROM ${quoted} WHERE (tableoid, ctid) = (SELECT tableoid, ctid FROM ${quoted} LIMIT 1)`,
    );
    // Row triggers fire only for a row. In an empty table, insert one; it need not satisfy the constraints.
    if (deleted.rowCount === 0) await client.query(`INSERT INTO ${quoted} DEFAULT VALUES`);
    return { side, table, outcome: 'accepted', message: null };
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    if (code === READ_ONLY) return { side, table, outcome: 'refused', message: null };
    if (code !== undefined && CONSTRAINT.test(code))
      return { side, table, outcome: 'accepted', message: null };
    if (code === undefined || !CONFLICT.test(code) || attempt === ATTEMPTS)
      return { side, table, outcome: 'unclear', message };
  } finally {
    await client.query('ROLLBACK');
  }
  return probe(client, side, found, attempt + 1);
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
