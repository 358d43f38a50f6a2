/** Turns docs/guide/roles.sql, which users run by hand, into what a rehearsal runs: the same statements, real passwords. */
import { escapeIdentifier, escapeLiteral } from 'pg';
import type { Side } from '../../contract/sides';

export interface RolesOptions {
  readonly side: Side;
  /** Password of each login that the script makes. */
  readonly passwords: Readonly<Record<string, string>>;
  /** Roles that the server has already: they get the password, and stay. */
  readonly existing: ReadonlySet<string>;
  /** Restricts settings of the target to its database, where both databases are on one server. */
  readonly onlyInDatabase?: string;
}

const CREATE = /^CREATE ROLE (\w+) LOGIN PASSWORD 'replace me'(?: IN ROLE (\w+))?;$/gm;
const TARGET_ONLY = /^ALTER ROLE (\w+) SET session_replication_role = replica;$/m;

/** @throws Error if the script does not hold what it must, e.g. after someone changed it */
export function rolesSql(script: string, options: RolesOptions): string {
  const made = [...script.matchAll(CREATE)].map(([, role]) => role);
  const wanted = Object.keys(options.passwords);
  if (made.length !== wanted.length || !wanted.every((role) => made.includes(role)))
    throw new Error(`docs/guide/roles.sql makes the logins ${made.join(', ')}, not ${wanted.join(', ')}`);
  if (!TARGET_ONLY.test(script))
    throw new Error('docs/guide/roles.sql does not set session_replication_role for the target');
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
