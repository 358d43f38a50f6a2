import type { Side } from '../../contract/sides';
import { createDatabase, databaseUrl, startPostgres, type PostgresServer } from 'local-aws';
import { aliasDatabase } from './database-alias';
import type { GivenServer, GivenServers } from './given-servers';
import type { RehearsalState, StateDirectory } from './state';

/** One end of a rehearsal. */
export interface Server {
  readonly host: string;
  readonly port: number;
  /** A login that may do everything, in the database that is moved. */
  readonly adminUrl: string;
  /** Identifies the server, whatever its address. */
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

/** Starts embedded servers for the ends without a given one. @throws Error if one does not start */
export async function openServers(
  directory: StateDirectory,
  state: RehearsalState,
  given: GivenServers,
  databases: Readonly<Record<Side, string>>,
): Promise<Servers> {
  const open = (side: Side): Promise<Server> =>
    given[side] === null
      ? startEmbedded(directory.cluster(side, state.attempt), databases[side])
      : takeGiven(given[side], databases[side]);
  const [source, target] = await bothOrNeither(open('source'), open('target'));
  return { source, target, shared: source.identity === target.identity };
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

/** A server that a killed rehearsal had just started is only noticed when the next one cannot start. */
async function startAfterLeftover(directory: string): Promise<PostgresServer> {
  try {
    return await startPostgres({ directory });
  } catch (error) {
    if (!/postmaster\.pid/.test(String(error))) throw error;
    return startPostgres({ directory });
  }
}

async function takeGiven(given: GivenServer, database: string): Promise<Server> {
  const { url: adminUrl, host, port, identity } = given;
  const server = { host, port, adminUrl, identity, restart: null, stop: () => Promise.resolve() };
  if (given.database === database) return server;
  // Functions request the database by its name in the definition.
  const alias = await aliasDatabase({ host, port, alias: database, database: given.database });
  return { ...server, host: alias.host, port: alias.port, stop: () => alias.close() };
}
