/** Adapts docs/guide/roles.sql, which users run by hand, to a rehearsal: the same statements, with real passwords. */
import { escapeIdentifier, escapeLiteral } from 'pg';
import type { Side } from '../../contract/sides';

export interface RolesOptions {
  readonly side: Side;
  /** Password of each login that the script creates. */
  readonly passwords: Readonly<Record<string, string>>;
  /** Roles that exist on the server; they only get the new password. */
  readonly existing: ReadonlySet<string>;
  /** Restricts the target's settings to this database, if both databases are on one server. */
  readonly onlyInDatabase?: string;
}

const CREATE = /^CREATE ROLE (\w+) LOGIN PASSWORD 'replace me'(?: IN ROLE (\w+))?;$/gm;
const TARGET_ONLY = /^ALTER ROLE (\w+) SET session_replication_role = replica;$/m;

/** @throws Error if the script lacks a statement that this function adapts, e.g. after an edit */
export function rolesSql(script: string, options: RolesOptions): string {
  const created = [...script.matchAll(CREATE)].map(([, role]) => role);
  const wanted = Object.keys(options.passwords);
  if (created.length !== wanted.length || !wanted.every((role) => created.includes(role)))
    throw new Error(
      `docs/guide/roles.sql creates the logins ${created.join(', ')}, not ${wanted.join(', ')}; restore the file, or change this function with it`,
    );
  if (!TARGET_ONLY.test(script))
    throw new Error(
      'docs/guide/roles.sql does not set session_replication_role for the target; restore the statement',
    );
  return script
    .replace(CREATE, (_, role: string, group: string | undefined) => loginSql(role, group, options))
    .replace(TARGET_ONLY, (line: string, role: string) => {
      if (options.side === 'source') return '';
      return options.onlyInDatabase === undefined
        ? line
        : `ALTER ROLE ${role} IN DATABASE ${escapeIdentifier(options.onlyInDatabase)} SET session_replication_role = replica;`;
    });
}

function loginSql(role: string, group: string | undefined, { passwords, existing }: RolesOptions): string {
  const login = `${escapeIdentifier(role)} LOGIN PASSWORD ${escapeLiteral(passwords[role] ?? '')}`;
  const grant = group === undefined ? '' : ` GRANT ${escapeIdentifier(group)} TO ${escapeIdentifier(role)};`;
  return `${existing.has(role) ? 'ALTER' : 'CREATE'} ROLE ${login};${grant}`;
}
