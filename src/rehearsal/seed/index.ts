/** Fills the databases of a rehearsal: logins, the source's rows, whatever must be there before Sluice comes. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Side } from '../../contract/sides';
import { APP_OWNER, createLogins, type LoginsOptions } from './logins';
import { findTables, grantTables, type ExistingTable } from './tables';
import { RehearsalRefused } from './refusal';

export { APP, SLUICE_OWNER, SLUICE_WORKER, type Passwords } from './logins';
export { findTables, type ExistingTable } from './tables';

export interface SeedOptions extends LoginsOptions {
  /** A login that may do everything, in the database that is moved. */
  readonly adminUrl: string;
  /** Mapped tables of this side, as the definition writes them. */
  readonly tables: readonly string[];
  /** Of the migration: the folder with `rehearsal.sql`. */
  readonly directory: string;
  /** For `rehearsal.sql`, as the settings `sluice.rows` and `sluice.seed`. */
  readonly rows: number;
  readonly seed: number;
}

/** Files in the migration's folder that create a side's tables. The target's is needed only without `targetSchema`. */
export const SEED_FILES: Readonly<Record<Side, string>> = {
  source: 'rehearsal.sql',
  target: 'rehearsal-target.sql',
};

/**
 * Makes one side ready. Each script runs whole or not at all, as the owner of the application. Tables that are there
 * already are used as they are.
 *
 * @returns true if the side was seeded, false if its tables were there
 * @throws Error if the source has only some of its tables, or nothing to make them from
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

/** Several statements in one query are one transaction. False if there is no script. */
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
    throw new RehearsalRefused(`${file} failed: ${message}`, { cause });
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
      ? `the source has ${before.map(({ name }) => name).join(', ')}, but not ${missing.join(', ')}. Create them, or drop the others, so that ${script} makes all.`
      : `the source has no table ${missing.join(', ')}. Make ${existsSync(script) ? `${script} create them` : `a script ${script} that creates and fills them`}.`,
  );
}
