/** Starts everything that a rehearsal needs, and continues from the state in its directory. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { LOGINS, secretField } from '../../contract/logins';
import { SIDES, type Side } from '../../contract/sides';
import { startEngine, type Engine, type EngineOptions } from 'local-aws';
import { replayCommand, type Fault, type Injection } from '../faults';
import { APP, seed, SLUICE } from '../seed';
import { claimDirectory, PLAN_DEFAULTS, type ClaimOptions } from './claim-directory';
import { openServers, type Servers } from './databases';
import { isOneDatabase } from './one-database';
import { checkUserServers, type UserServers } from './user-servers';
import { injectSupported } from './injection';
import { assemblySynthesizedAt, assemblyOf, copyCluster, createTemplate } from './template';
import type { Endpoint, Ports, RehearsedMigration } from './ports';
import type { RehearsalPlan, RehearsalState, StateDirectory } from './state';
import { synthesize } from './synthesize';
import { RehearsalRefused } from '../seed/refusal';

/** The environment of cdk.json that is rehearsed. */
export const ENVIRONMENT = 'dev';

export interface OpenRehearsal {
  readonly migration: RehearsedMigration;
  readonly endpoints: Readonly<Record<Side, Endpoint>>;
  readonly state: RehearsalState;
  readonly directory: StateDirectory;
  readonly servers: Servers;
  readonly engine: Engine;
  /** Addresses and logins of the endpoints, for engines that reach the same databases. */
  readonly addresses: Pick<EngineOptions, 'clusters' | 'secrets'>;
  /** Null if no faults are injected. */
  readonly faults: Injection | null;
  /** The command that injects the same faults again; null if none are injected. */
  readonly replay: string | null;
  /** Stops the engine and the embedded servers, and releases the directory. */
  close(): Promise<void>;
}

export interface OpenOptions extends ClaimOptions {
  readonly projectRoot: string;
  /** The faults to inject. @default none */
  readonly faults?: readonly Fault[];
  /** The Data API's limit of 64 KiB per row of a result. @default 'enforced' */
  readonly rowLimit?: EngineOptions['rowLimit'];
  /** Hooks of a harness, in place of faults. @default none */
  readonly hooks?: EngineOptions['faults'];
  /** Whether an observer watches the laws. @default only if faults are injected */
  readonly observe?: boolean;
  /** Directory that caches the parts common to all rehearsals. @default each rehearsal creates its own */
  readonly templatePath?: string;
  /** Called when every part runs; a harness may deploy other code to the engine from then on. */
  readonly onOpen?: (rehearsal: OpenRehearsal) => void;
  /** Called at the end of a rehearsal, before its parts are stopped. */
  readonly onClose?: (rehearsal: OpenRehearsal) => Promise<void>;
}

/** @throws Error if a part cannot be started; the parts that were started are stopped first */
export async function openRehearsal(options: OpenOptions, ports: Ports): Promise<OpenRehearsal> {
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const { directory, state, release } = await claimDirectory(options, (line) => ports.note(line));
    closers.push(release);
    ports.note(`rehearsing ${state.migration} in ${directory.path}`);
    const migration = ports.loadMigration(state.migration);
    const endpoints = endpointsOf(migration);
    // Before the slow parts, so that problems of the user's servers are reported immediately.
    const given = await checkUserServers(state, isOneDatabase(endpoints)).catch((error: unknown) => {
      // So that the user can name the same directory with other URLs.
      if (state.attempt === 0) directory.forget();
      throw error;
    });
    ports.interrupted.throwIfAborted();
    if (options.templatePath !== undefined) {
      await createTemplate(options.templatePath);
      const synthesizedAt = assemblySynthesizedAt(options.templatePath);
      if (synthesizedAt !== undefined)
        ports.note(`using the app that was synthesized at ${synthesizedAt.toISOString()}, from --template`);
    }
    const synthesis = synthesize({
      projectRoot: options.projectRoot,
      environment: ENVIRONMENT,
      directory: assemblyOf(options.templatePath) ?? directory.assembly(),
      signal: ports.interrupted,
    });
    const [prepared] = await waitForBoth(
      prepareDatabases({ ...options, directory, state, migration, endpoints, given, closers }, ports),
      synthesis,
    );
    ports.interrupted.throwIfAborted();
    const replay = replayOf(state, options);
    if (replay !== null) ports.note(`injecting faults; to repeat them: ${replay}`);
    const faults = await injectSupported(options.faults ?? [], {
      ...{ directory, endpoints, migration, ports, servers: prepared.servers, seed: state.seed },
    });
    if (faults !== null) closers.push(() => faults.close());
    const addresses = addressesOf(endpoints, prepared.servers, prepared.state);
    const engine = await startEngine({
      assemblyDirectory: assemblyOf(options.templatePath) ?? directory.assembly(),
      stateDirectory: directory.engine(),
      faults: faults ?? options.hooks,
      rowLimit: options.rowLimit,
      ...addresses,
    });
    closers.push(() => engine.close());
    ports.interrupted.throwIfAborted();
    const opened = { migration, endpoints, directory, engine, addresses, faults, replay };
    const rehearsal = { ...opened, close, ...prepared };
    options.onOpen?.(rehearsal);
    return rehearsal;
  } catch (error) {
    await close();
    throw error;
  }
}

function replayOf(
  state: RehearsalState,
  { faults = [], rowLimit }: Pick<OpenOptions, 'faults' | 'rowLimit'>,
): string | null {
  if (faults.length === 0) return null;
  const plan = Object.fromEntries(
    Object.keys(PLAN_DEFAULTS).map((name) => [name, state[name as keyof RehearsalPlan]]),
  );
  return replayCommand({ ...plan, rowLimit: rowLimit === 'off' ? 'off' : null }, faults);
}

function endpointsOf(migration: RehearsedMigration): Record<Side, Endpoint> {
  const [source, target] = [migration.source[ENVIRONMENT], migration.target[ENVIRONMENT]];
  if (source === undefined || target === undefined)
    throw new RehearsalRefused(
      `migration ${migration.name} has no endpoints for environment ${ENVIRONMENT}, which a rehearsal uses; add source.${ENVIRONMENT} and target.${ENVIRONMENT}`,
    );
  return { source, target };
}

/** Waits for both even if one fails, so that nothing runs any more when the caller cleans up. */
async function waitForBoth<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  const [a, b] = await Promise.allSettled([first, second]);
  if (a.status === 'rejected') throw a.reason;
  if (b.status === 'rejected') throw b.reason;
  return [a.value, b.value];
}

interface Preparation {
  readonly projectRoot: string;
  readonly templatePath?: string;
  readonly directory: StateDirectory;
  readonly state: RehearsalState;
  readonly migration: RehearsedMigration;
  readonly endpoints: Readonly<Record<Side, Endpoint>>;
  readonly given: UserServers;
  readonly closers: (() => Promise<void>)[];
}

async function prepareDatabases(
  preparation: Preparation,
  ports: Ports,
): Promise<{ servers: Servers; state: RehearsalState }> {
  const { directory, endpoints, closers } = preparation;
  const state = startAttempt(preparation);
  await directory.removeClusters(state.attempt);
  closers.push(() => directory.removeClusters(state.attempt));
  for (const side of isOneDatabase(endpoints) ? (['source'] as const) : SIDES)
    await copyCluster(preparation.templatePath, directory.cluster(side, state.attempt));
  const servers = await openServers(directory, state, preparation.given, endpoints);
  closers.push(async () => {
    await Promise.all([servers.source.stop(), servers.target.stop()]);
  });
  if (state.seeded) return { servers, state };
  for (const side of ['source', 'target'] as const) {
    ports.interrupted.throwIfAborted();
    const startedAt = ports.now();
    const seeded = await seed(seedOptions({ ...preparation, state }, servers, side));
    const seconds = ((ports.now() - startedAt) / 1000).toFixed(1);
    if (seeded) ports.note(`seeded the ${side} in ${seconds} s (--rows ${state.rows}, --seed ${state.seed})`);
    else if (side === 'source') ports.note('the tables of the source exist; they are used unchanged');
  }
  return { servers, state: directory.write({ ...state, seeded: true }) };
}

/** Starts a new attempt, without the files of an interrupted one, unless the databases are seeded. */
function startAttempt({ directory, state }: Preparation): RehearsalState {
  if (state.seeded) return state;
  // Executions, items and the writers' journal refer to databases that are gone.
  rmSync(directory.engine(), { recursive: true, force: true });
  rmSync(directory.workloadJournal(), { force: true });
  return directory.write({ ...state, attempt: state.attempt + 1 });
}

const seedOptions = ({ projectRoot, state, migration }: Preparation, servers: Servers, side: Side) => ({
  side,
  adminUrl: servers[side].adminUrl,
  rolesFile: join(projectRoot, 'docs', 'guide', 'roles.sql'),
  directory: join(projectRoot, 'migrations', migration.name),
  tables: migration.tables.map((table) => table[side]),
  passwords: passwordsOf(state, servers, side),
  sharedServer: servers.shared,
  rows: state.rows,
  seed: state.seed,
});

/** Both databases of one server share one set of logins. */
const passwordsOf = (state: RehearsalState, servers: Servers, side: Side) =>
  servers.shared ? state.passwords.source : state.passwords[side];

function addressesOf(
  endpoints: Readonly<Record<Side, Endpoint>>,
  servers: Servers,
  state: RehearsalState,
): Pick<EngineOptions, 'clusters' | 'secrets'> {
  const sides = ['source', 'target'] as const;
  return {
    clusters: Object.fromEntries(
      sides.map((side) => {
        const { host, port } = servers[side];
        return [endpoints[side].clusterArn, { host, port }];
      }),
    ),
    secrets: Object.fromEntries(
      sides.flatMap((side) => {
        const passwords = passwordsOf(state, servers, side);
        return LOGINS.map((login) => {
          const username = SLUICE[login];
          return [endpoints[side][secretField(login)], { username, password: passwords[username] }];
        });
      }),
    ),
  };
}

/** URL of the application's login on one side. */
export function appUrl({ servers, state }: Pick<OpenRehearsal, 'servers' | 'state'>, side: Side): string {
  const url = new URL(servers[side].adminUrl);
  url.username = APP;
  url.password = passwordsOf(state, servers, side)[APP];
  return url.toString();
}
