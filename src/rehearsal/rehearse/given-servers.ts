/** Servers given by the user: checked before the rehearsal starts; problems of both are reported together. */
import { Client } from 'pg';
import type { Side } from '../../contract/sides';
import { RehearsalRefused } from '../seed/refusal';
import type { RehearsalPlan } from './state';

/** The database of a URL. */
export interface GivenServer {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** Identifies the server, whatever its address. */
  readonly identity: string;
}

/** Null: an embedded server is to be started. */
export type GivenServers = Readonly<Record<Side, GivenServer | null>>;

interface Look {
  readonly found: GivenServer | null;
  /** The problem and its remedy. */
  readonly problem?: string;
}

const CONNECT_MS_MAX = 10_000;

/** @throws RehearsalRefused with a line for each server that cannot be used */
export async function lookAtGiven({
  sourceUrl,
  targetUrl,
}: Pick<RehearsalPlan, 'sourceUrl' | 'targetUrl'>): Promise<GivenServers> {
  const [source, target] = await Promise.all([lookAt(sourceUrl), lookAt(targetUrl)]);
  const problems = [
    ...(source.problem === undefined ? [] : [`--source-url cannot be used: ${source.problem}`]),
    ...(target.problem === undefined ? [] : [`--target-url cannot be used: ${target.problem}`]),
    ...(isOne(source.found, target.found)
      ? ['source and target are one database; name another one with --target-url or --source-url']
      : []),
  ];
  if (problems.length > 0) throw new RehearsalRefused(problems.join('\n'));
  return { source: source.found, target: target.found };
}

const isOne = (source: GivenServer | null, target: GivenServer | null): boolean =>
  source !== null && source.identity === target?.identity && source.database === target.database;

async function lookAt(url: string | null): Promise<Look> {
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
        problem: `login ${client.user} of ${host}:${port} is not a superuser; give one, on a server that may be thrown away`,
      };
    return { found: { url, host, port, database: row.database, identity: row.identity } };
  } catch (error) {
    return { found: null, problem: problemOf(error, client) };
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Without the password, which no message of the driver has. */
function problemOf(error: unknown, { host, port, user, database }: Client): string {
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  const at = `${host}:${port}`;
  switch (code ?? '') {
    case 'ECONNREFUSED':
      return `nothing listens at ${at}; start the server there, or correct host and port`;
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
      return `${at} has no database ${database}; make it, or name one that is there`;
  }
  if (/timeout/.test(message ?? ''))
    return `${at} did not respond within ${CONNECT_MS_MAX / 1000} s; correct host and port, or check the network`;
  return `${at} reports: ${message || code || String(error)}; give a PostgreSQL server that lets a superuser in`;
}
