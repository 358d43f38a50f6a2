import { Client } from 'pg';
import { createDatabase, databaseUrl, startPostgres, type PostgresServer } from '../postgres';
import type { Side } from '../seed';
import { RehearsalRefused } from '../seed/refusal';
import { aliasDatabase } from './database-alias';
import type { RehearsalState, StateDirectory } from './state';

/** One end of a rehearsal. */
export interface Server {
  readonly host: string;
  readonly port: number;
  /** A login that may do everything, in the database that is moved. */
  readonly adminUrl: string;
  /** Tells servers apart, by whatever address they are reached. */
  readonly identity: string;
  /** Ends the server as a power cut would, and starts it again; null: it is the user's own. */
  readonly restart: (() => Promise<void>) | null;
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
  const shared = source.identity === target.identity;
  if (shared && new URL(source.adminUrl).pathname === new URL(target.adminUrl).pathname) {
    await Promise.all([source.stop(), target.stop()]);
    throw new RehearsalRefused(
      'source and target are one database; name another one with --target-url or --source-url',
    );
  }
  return { source, target, shared };
}

/** A server that started while the other failed must not be left behind. */
async function bothOrNeither(...opening: [Promise<Server>, Promise<Server>]): Promise<[Server, Server]> {
  const [source, target] = await Promise.allSettled(opening);
  if (source.status === 'fulfilled' && target.status === 'fulfilled') return [source.value, target.value];
  for (const opened of [source, target]) if (opened.status === 'fulfilled') await opened.value.stop();
  throw source.status === 'rejected' ? source.reason : (target as PromiseRejectedResult).reason;
}

async function startEmbedded(directory: string, database: string): Promise<Server> {
  let server = await startAfterLeftover(directory);
  let restarting = Promise.resolve();
  const restart = (): Promise<void> =>
    (restarting = restarting.then(async () => {
      await server.crash();
      server = await startPostgres({ directory, port });
    }));
  const { host, port } = server;
  try {
    await createDatabase(server.superuserUrl, database);
    const adminUrl = databaseUrl(server.superuserUrl, database);
    const stop = async (): Promise<void> => {
      await restarting.catch(() => undefined);
      await server.stop();
    };
    return { host, port, adminUrl, identity: directory, restart, stop };
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

async function takeGiven(side: Side, url: string, database: string): Promise<Server> {
  const { host, port, ...found } = await lookAt(side, url);
  if (found.database === database) {
    return {
      host,
      port,
      adminUrl: url,
      identity: found.identity,
      restart: null,
      stop: () => Promise.resolve(),
    };
  }
  // The functions ask for the database by the name that the definition gives it.
  const alias = await aliasDatabase({ host, port, alias: database, database: found.database });
  return {
    host: alias.host,
    port: alias.port,
    adminUrl: url,
    identity: found.identity,
    restart: null,
    stop: () => alias.close(),
  };
}

async function lookAt(
  side: Side,
  url: string,
): Promise<{ host: string; port: number; database: string; identity: string }> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ super: boolean; database: string; identity: string }>(
      `SELECT rolsuper AS super, current_database() AS database,
         (SELECT system_identifier::text FROM pg_control_system()) AS identity
       FROM pg_roles WHERE rolname = current_user`,
    );
    const [found] = rows;
    if (found?.super !== true)
      throw new Error('its login is no superuser; give one, on a server that may be thrown away');
    return { host: client.host, port: client.port, database: found.database, identity: found.identity };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message || cause.name : String(cause);
    throw new RehearsalRefused(`--${side}-url cannot be used: ${message}`, { cause });
  } finally {
    await client.end().catch(() => undefined);
  }
}
