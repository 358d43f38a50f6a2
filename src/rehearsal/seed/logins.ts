import { readFileSync } from 'node:fs';
import { escapeIdentifier, escapeLiteral, type Client } from 'pg';
import type { Login } from '../../contract/logins';
import type { Side } from '../../contract/sides';
import { rolesSql } from './roles';

/** Owns the application's tables; it has no login. */
export const APP_OWNER = 'app_owner';
/** The application. */
export const APP = 'app';
/** Sluice's logins, as docs/guide/roles.sql creates them. */
export const SLUICE = {
  owner: 'sluice_owner',
  control: 'sluice_control',
  worker: 'sluice_worker',
  verifier: 'sluice_verifier',
} as const satisfies Record<Login, string>;

/** Passwords by login; every rehearsal generates its own. */
export type Passwords = Readonly<Record<typeof APP | (typeof SLUICE)[Login], string>>;

export interface LoginsOptions {
  readonly side: Side;
  /** Path of docs/guide/roles.sql. */
  readonly rolesFile: string;
  readonly passwords: Passwords;
  /** True if the other database is on the same server. */
  readonly sharedServer: boolean;
}

/** Creates the application's roles and Sluice's logins in one transaction. Existing roles get the new passwords. */
export async function createLogins(client: Client, options: LoginsOptions): Promise<void> {
  const { rows } = await client.query<{ rolname: string }>('SELECT rolname FROM pg_roles');
  const existing = new Set(rows.map(({ rolname }) => rolname));
  const { [APP]: appPassword, ...sluicePasswords } = options.passwords;
  const database = client.database ?? '';
  const script = rolesSql(readFileSync(options.rolesFile, 'utf8'), {
    side: options.side,
    passwords: sluicePasswords,
    existing,
    ...(options.sharedServer ? { onlyInDatabase: database } : {}),
  });
  await client.query(
    [
      ...(existing.has(APP_OWNER) ? [] : [`CREATE ROLE ${APP_OWNER};`]),
      `${existing.has(APP) ? 'ALTER' : 'CREATE'} ROLE ${APP} LOGIN PASSWORD ${escapeLiteral(appPassword)};`,
      `GRANT CREATE, TEMPORARY ON DATABASE ${escapeIdentifier(database)} TO ${APP_OWNER};`,
      `GRANT USAGE, CREATE ON SCHEMA public TO ${APP_OWNER};`,
      `GRANT USAGE ON SCHEMA public TO ${APP};`,
      script,
    ].join('\n'),
  );
}
