import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';

const MIGRATIONS = join(__dirname, '..', '..', 'migrations');

export const sqlOf = (path: string): string => readFileSync(join(MIGRATIONS, path), 'utf8');

/** Runs a script as app_owner, as the rehearsal does: in one transaction, with the settings that it reads. */
export async function runAsOwner(
  url: string,
  script: string,
  { rows, seed }: { readonly rows: number; readonly seed: number },
): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`SET sluice.rows = '${rows}'; SET sluice.seed = '${seed}'; SET ROLE app_owner`);
    await client.query(script);
  } finally {
    await client.end();
  }
}

/** The roles that both examples name. */
export const ROLES = 'CREATE ROLE app_owner; CREATE ROLE app LOGIN';
