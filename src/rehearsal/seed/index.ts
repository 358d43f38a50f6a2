/** Prepares the databases of a rehearsal: logins, grants, and the source's tables and rows. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Side } from '../../contract/sides';
import { APP_OWNER, createLogins, type LoginsOptions } from './logins';
import { findTables, grantTables, type ExistingTable } from './tables';
import { RehearsalRefused } from './refusal';

export { APP, SLUICE, type Passwords } from './logins';
export { findTables, type ExistingTable } from './tables';

export interface SeedOptions extends LoginsOptions {
  /** URL of the database, with a superuser's login. */
  readonly adminUrl: string;
  /** Mapped tables of this side, as the definition writes them. */
  readonly tables: readonly string[];
  /** The migration's folder, with `rehearsal.sql`. */
  readonly directory: string;
  /** For `rehearsal.sql`, as the settings `sluice.rows` and `sluice.seed`. */
  readonly rows: number;
  readonly seed: number;
}

/** Scripts that create a side's tables. The target's is needed only if no `targetSchema` creates them. */
export const SEED_FILES: Readonly<Record<Side, string>> = {
  source: 'rehearsal.sql',
  target: 'rehearsal-target.sql',
};

/**
 * Prepares one side. Its script runs in one transaction, as the owner of the application. Existing tables are used
 * unchanged.
 *
 * @returns true if the side was seeded, false if its tables already existed
 * @throws Error if the source has only some of its tables, or no script that creates them
 */
export async function seed(options: SeedOptions): Promise<boolean> {
  const client = new Client({
    connectionString: options.adminUrl,
    application_name: 'sluice-rehearsal-seed',
  });
  // A lost connection also fails the query in flight; without a listener it would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await createLogins(client, options);
    const before = await findTables(client, options.tables);
    const seeded = before.length === 0 && (await runScript(client, options));
    const tables = await findTables(client, options.tables);
    if (options.side === 'source') assertComplete(options, before, tables);
    await grantTables(client, options.side, tables);
    if (seeded) for (const { quoted } of tables) await client.query(`VACUUM (ANALYZE) ${quoted}`);
    return seeded;
  } finally {
    await client.end();
  }
}

/** Runs the script as one query, and so in one transaction. Returns false if there is no script. */
async function runScript(client: Client, { side, directory, rows, seed }: SeedOptions): Promise<boolean> {
  const file = join(directory, SEED_FILES[side]);
  if (!existsSync(file)) return false;
  await client.query(`SELECT set_config('sluice.rows', $1, false), set_config('sluice.seed', $2, false)`, [
    String(rows),
    String(seed),
  ]);
  await client.query(`SET ROLE ${APP_OWNER}`);
  try {
    await client.query(readFileSync(file, 'utf8'));
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new RehearsalRefused(`${file} failed: ${message}. Correct the script.`, { cause });
  }
  await client.query('RESET ROLE');
  return true;
}

function assertComplete(
  { tables, directory }: SeedOptions,
  before: readonly ExistingTable[],
  after: readonly ExistingTable[],
): void {
  const missing = tables.filter((name) => !after.some((table) => table.name === name));
  if (missing.length === 0) return;
  const script = join(directory, SEED_FILES.source);
  throw new RehearsalRefused(
    before.length > 0
      ? `the source has ${before.map(({ name }) => name).join(', ')}, but not ${missing.join(', ')}. Create them, or drop the others so that ${script} creates all of them.`
      : `the source does not have ${missing.join(', ')}. ${existsSync(script) ? `Create them in ${script}` : `Write ${script}, which creates and fills them`}.`,
  );
}
