import type { Side } from '../../contract/sides';
import { createDatabase, databaseUrl, startPostgres, type PostgresServer } from 'local-aws';
import { aliasDatabase } from './database-alias';
import { isOneDatabase } from './one-database';
import type { Endpoint } from './ports';
import type { UserServer, UserServers } from './user-servers';
import type { RehearsalState, StateDirectory } from './state';

/** The database server of one side. */
export interface Server {
  readonly host: string;
  readonly port: number;
  /** URL of the migrated database, with a superuser's login. */
  readonly adminUrl: string;
  /** Identifies the server, independent of its address. */
  readonly identity: string;
  /** Stops the server as a power failure would, and starts it again; null for a user-provided server. */
  readonly restart: (() => Promise<void>) | null;
  /** Leaves a user-provided server running. */
  stop(): Promise<void>;
}

export interface Servers {
  readonly source: Server;
  readonly target: Server;
  /** True if both are databases of one server, or the same database. */
  readonly shared: boolean;
}

/**
 * Starts an embedded server for each side without a user-provided server, or one for both if they are one database.
 * @throws Error if one does not start
 */
export async function openServers(
  directory: StateDirectory,
  state: RehearsalState,
  given: UserServers,
  endpoints: Readonly<Record<Side, Endpoint>>,
): Promise<Servers> {
  const open = (side: Side): Promise<Server> =>
    given[side] === null
      ? startEmbedded(directory.cluster(side, state.attempt), endpoints[side].database)
      : useUserServer(given[side], endpoints[side].database);
  if (isOneDatabase(endpoints)) {
    const source = await open('source');
    return { source, target: { ...source, stop: () => Promise.resolve() }, shared: true };
  }
  const [source, target] = await bothOrNeither(open('source'), open('target'));
  return { source, target, shared: source.identity === target.identity };
}

/** Stops the server that started if the other one failed. */
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

/** Retries once: a server that a killed rehearsal had just started shows only when another cannot start on its files. */
async function startAfterLeftover(directory: string): Promise<PostgresServer> {
  try {
    return await startPostgres({ directory });
  } catch (error) {
    if (!/postmaster\.pid/.test(String(error))) throw error;
    return startPostgres({ directory });
  }
}

async function useUserServer(given: UserServer, database: string): Promise<Server> {
  const { url: adminUrl, host, port, identity } = given;
  const server = { host, port, adminUrl, identity, restart: null, stop: () => Promise.resolve() };
  if (given.database === database) return server;
  // The functions use the database's name in the definition.
  const alias = await aliasDatabase({ host, port, alias: database, database: given.database });
  return { ...server, host: alias.host, port: alias.port, stop: () => alias.close() };
}
