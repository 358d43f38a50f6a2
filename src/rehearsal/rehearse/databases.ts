import { Client } from 'pg';
import { createDatabase, databaseUrl, startPostgres, type PostgresServer } from '../postgres';
import type { Side } from '../seed';
import type { RehearsalState, StateDirectory } from './state';

/** One end of a rehearsal. */
export interface Server {
  readonly host: string;
  readonly port: number;
  /** A login that may do everything, in the database that is moved. */
  readonly adminUrl: string;
  /** Does nothing to a server of the user's own. */
  stop(): Promise<void>;
}

export interface Servers {
  readonly source: Server;
  readonly target: Server;
  /** True if both are databases of one server. */
  readonly shared: boolean;
}

/** Starts the embedded servers, or takes the user's. @throws Error if one cannot be used */
export async function openServers(
  directory: StateDirectory,
  state: RehearsalState,
  databases: Readonly<Record<Side, string>>,
): Promise<Servers> {
  const open = (side: Side, url: string | null): Promise<Server> =>
    url === null
      ? startEmbedded(directory.cluster(side, state.attempt), databases[side])
      : takeGiven(side, url, databases[side]);
  const [source, target] = await bothOrNeither(
    open('source', state.sourceUrl),
    open('target', state.targetUrl),
  );
  return { source, target, shared: source.host === target.host && source.port === target.port };
}

/** A server that started while the other failed must not be left behind. */
async function bothOrNeither(...opening: [Promise<Server>, Promise<Server>]): Promise<[Server, Server]> {
  const [source, target] = await Promise.allSettled(opening);
  if (source.status === 'fulfilled' && target.status === 'fulfilled') return [source.value, target.value];
  for (const opened of [source, target]) if (opened.status === 'fulfilled') await opened.value.stop();
  throw source.status === 'rejected' ? source.reason : (target as PromiseRejectedResult).reason;
}

async function startEmbedded(directory: string, database: string): Promise<Server> {
  const server = await startAfterLeftover(directory);
  try {
    await createDatabase(server.superuserUrl, database);
    const { host, port } = server;
    const adminUrl = databaseUrl(server.superuserUrl, database);
    return { host, port, adminUrl, stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** A server that a killed rehearsal had just started shows itself only when another one cannot start beside it. */
async function startAfterLeftover(directory: string): Promise<PostgresServer> {
  try {
    return await startPostgres({ directory });
  } catch (error) {
    if (!/postmaster\.pid/.test(String(error))) throw error;
    return startPostgres({ directory });
  }
}

/** The functions name the database as the definition does, so that the URL must name the same. */
async function takeGiven(side: Side, url: string, database: string): Promise<Server> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ super: boolean; database: string }>(
      'SELECT rolsuper AS super, current_database() AS database FROM pg_roles WHERE rolname = current_user',
    );
    if (rows[0]?.database !== database)
      throw new Error(
        `--${side}-url names the database ${rows[0]?.database ?? ''}, but the definition moves ${database}; name that one`,
      );
    if (rows[0].super !== true)
      throw new Error(
        `the login of --${side}-url is no superuser; give one, on a server that may be thrown away`,
      );
    return { host: client.host, port: client.port, adminUrl: url, stop: () => Promise.resolve() };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message || cause.name : String(cause);
    throw new Error(`the ${side} server cannot be used: ${message}`, { cause });
  } finally {
    await client.end().catch(() => undefined);
  }
}
