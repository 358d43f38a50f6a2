/** Checks the user's servers before the rehearsal starts, and reports every problem of both. */
import { Client } from 'pg';
import type { Side } from '../../contract/sides';
import { RehearsalRefused } from '../seed/refusal';
import type { RehearsalPlan } from './state';

/** A server that the user provides, found by its URL. */
export interface UserServer {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** Identifies the server, independent of its address. */
  readonly identity: string;
}

/** Null for a side without a user-provided server; the rehearsal starts an embedded one. */
export type UserServers = Readonly<Record<Side, UserServer | null>>;

interface ServerCheck {
  readonly found: UserServer | null;
  /** The problem and its remedy. */
  readonly problem?: string;
}

const CONNECT_MS_MAX = 10_000;

/**
 * @param oneDatabase whether the definition's source and target are one database; either flag names it then
 * @throws RehearsalRefused with a line for each server that cannot be used
 */
export async function checkUserServers(
  { sourceUrl, targetUrl }: Pick<RehearsalPlan, 'sourceUrl' | 'targetUrl'>,
  oneDatabase: boolean,
): Promise<UserServers> {
  const [source, target] = await Promise.all([checkServer(sourceUrl), checkServer(targetUrl)]);
  const problems = [
    ...(source.problem === undefined ? [] : [`--source-url cannot be used: ${source.problem}`]),
    ...(target.problem === undefined ? [] : [`--target-url cannot be used: ${target.problem}`]),
    ...sameDatabaseProblems(source.found, target.found, oneDatabase),
  ];
  if (problems.length > 0) throw new RehearsalRefused(problems.join('\n'));
  if (!oneDatabase) return { source: source.found, target: target.found };
  const either = source.found ?? target.found;
  return { source: either, target: either };
}

function sameDatabaseProblems(
  source: UserServer | null,
  target: UserServer | null,
  oneDatabase: boolean,
): string[] {
  if (source === null || target === null) return [];
  const same = source.identity === target.identity && source.database === target.database;
  if (same === oneDatabase) return [];
  return [
    oneDatabase
      ? 'source and target of the definition are one database, but --source-url and --target-url are two; name it with one of them'
      : 'source and target are the same database; name another one with --source-url or --target-url',
  ];
}

async function checkServer(url: string | null): Promise<ServerCheck> {
  if (url === null) return { found: null };
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS_MAX });
  const { host, port } = client;
  try {
    await client.connect();
    const { rows } = await client.query<{ super: boolean; database: string; identity: string }>(
      `SELECT rolsuper AS super, current_database() AS database,
         (SELECT system_identifier::text FROM pg_control_system()) AS identity
       FROM pg_roles WHERE rolname = current_user`,
    );
    const [row] = rows;
    if (row?.super !== true)
      return {
        found: null,
        problem: `login ${client.user} of ${host}:${port} is not a superuser; name a superuser of a disposable server`,
      };
    return { found: { url, host, port, database: row.database, identity: row.identity } };
  } catch (error) {
    return { found: null, problem: describeProblem(error, client) };
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Describes a failed connection. The driver's messages do not contain the password. */
function describeProblem(error: unknown, { host, port, user, database }: Client): string {
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  const at = `${host}:${port}`;
  switch (code ?? '') {
    case 'ECONNREFUSED':
      return `no server listens at ${at}; start it, or correct host and port`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `host ${host} cannot be found (${code}); correct it`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return `${at} cannot be reached (${code}); correct host and port, or check the network`;
    case '28000':
    case '28P01':
      return `${at} refuses login ${user} (${message}); correct login and password`;
    case '3D000':
      return `${at} has no database ${database}; create it, or name an existing one`;
  }
  if (/timeout/.test(message ?? ''))
    return `${at} did not respond within ${CONNECT_MS_MAX / 1000} s; correct host and port, or check the network`;
  return `the connection to ${at} failed: ${message || code || String(error)}; name a PostgreSQL server that accepts a superuser's login`;
}
