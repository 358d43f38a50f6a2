import { LOGINS, type Login } from '../../contract/logins';
import type { Side } from '../../contract/sides';
import type { SequenceDescription, ServerDescription, TableDescription } from '../../core/catalog';
import type { Definition } from '../../core/definition/definition';
import { TransientFailure } from '../../core/errors';
import { PINNED_PATH } from '../../core/settings';
import { parseTableName, type TableName } from '../../core/identifier';
import {
  pairsOf,
  type ConnectFailure,
  type Facts,
  type LoginFacts,
  type RegisteredGuard,
  type RowSize,
  type SchemaRehearsal,
  type SideFacts,
  type StatementSize,
  type Unreachable,
} from '../../core/preflight';
import { describeSequences, describeServer, describeTables } from './catalog';
import type { Database } from './database';
import { connectFailure, isSqlState } from './sql-states';
import { CREATE_RUN, PATH_OF_FILES, RUN } from './sql/statements';
import { NotExecuted, StatementRefused } from './statement-refused';
import { FOREIGN_OBJECTS } from './install';
import { pinnedDatabase, type PinnedDatabase } from './pinned-database';
import { projectionFacts } from './expressions';
import { lockHoldersOf } from './lock-holders';
import { sizeOfRows } from './row-sizes';
import { IS_INSTALLED, READ_GUARDED } from './sql/statements';
import { assumedLayout, longestStatement } from './statement-sizes';

export interface FactsRequest {
  readonly definition: Definition;
  /** Id of this control plane. */
  readonly owner: string;
  /** The environment whose endpoints are examined. */
  readonly environment: string;
  readonly connect: (side: Side, login: Login) => Database;
  /** Reads a file of `targetSchema`, by its name in the definition. */
  readonly readFile: (name: string) => Promise<string>;
  readonly wait: (durationMs: number) => Promise<void>;
  /** Classifies an error of the service by its name. */
  readonly serviceFailure: (name: string) => ConnectFailure;
}

/** A request whose statements resolve names by Sluice's path. */
interface PinnedRequest extends FactsRequest {
  readonly connect: (side: Side, login: Login) => PinnedDatabase;
}

/** A paused cluster resumes in about 15 s, or 30 s after a day; one that takes longer is unreachable. */
const RECONNECT_WAITS_MS = [2_000, 5_000, 10_000, 15_000];

/**
 * Gathers the facts for preflight's checks from both databases, with every login. Changes nothing: the schema files run in a
 * transaction that is rolled back.
 * @throws TransientFailure if a connection broke or a lock was not available after the login was reached; call again
 */
export async function gatherFacts({ connect, ...rest }: FactsRequest): Promise<Facts> {
  const request = { ...rest, connect: pinnedConnections(connect) };
  const { definition, environment, owner } = request;
  const [source, target] = await Promise.all([loginsOf(request, 'source'), loginsOf(request, 'target')]);
  const sideOf = async (
    side: Side,
    logins: SideFacts['logins'],
    rehearsed: readonly SequenceDescription[] | null,
  ): Promise<SideFacts> => {
    const endpoint = definition[side][environment];
    if (!endpoint) throw new Error(`migration ${definition.name} has no ${side} for ${environment}`);
    const { server } = logins.owner;
    const guards = server ? await guardsOf(request, side, server) : [];
    const foreignObjects = server ? await foreignObjectsOn(request, side) : [];
    const sequences = rehearsed ?? (await sequencesOn(request, side, logins));
    return { endpoint, guards, foreignObjects, sequences, logins };
  };
  const { schema, logins, sequences } =
    definition.targetSchema.length === 0
      ? { schema: null, logins: target, sequences: null }
      : await withSchemaFiles(request, target);
  const sides = {
    source: await sideOf('source', source, null),
    target: await sideOf('target', logins, sequences),
  };
  const projections = await projectionsOf(request, sides.source);
  return {
    definition,
    owner,
    environment,
    schema,
    projections,
    ...sides,
    ...(await sizesOf(request, sides)),
  };
}

/** The connections, one for each login: each reads its path once. */
function pinnedConnections(connect: FactsRequest['connect']): PinnedRequest['connect'] {
  const known = new Map<string, PinnedDatabase>();
  return (side, login) => {
    const name = `${side} ${login}`;
    const database = known.get(name) ?? pinnedDatabase(connect(side, login));
    known.set(name, database);
    return database;
  };
}

/** Lists what is foreign in schema sluice, as the owner's login sees it. */
async function foreignObjectsOn({ connect }: PinnedRequest, side: Side): Promise<string[]> {
  const rows = await connect(side, 'owner').query(FOREIGN_OBJECTS);
  return rows.map(({ found }) => String(found));
}

async function sequencesOn(
  { connect }: PinnedRequest,
  side: Side,
  logins: SideFacts['logins'],
): Promise<SequenceDescription[]> {
  const login = (['owner', 'worker'] as const).find((each) => logins[each].server);
  return login ? describeSequences(connect(side, login), schemasOf(logins[login].tables)) : [];
}

/** Schemas of the mapped tables, and of the sequences that their columns draw from. */
function schemasOf(tables: Tables): string[] {
  const columns = [...tables.values()].flatMap((table) => table?.columns ?? []);
  const sequences = columns.flatMap(({ sequence }) => (sequence === null ? [] : [sequence]));
  return [...new Set([...tables.keys(), ...sequences].map((name) => tableNameOf(name).schema))];
}

/** Reads the guards over the definition's tables, if the owner's login installed Sluice, or acts for the login that did. */
async function guardsOf(
  { definition, connect }: PinnedRequest,
  side: Side,
  server: ServerDescription,
): Promise<RegisteredGuard[]> {
  if (!server.actsAsSluiceSchemaOwner) return [];
  const database = connect(side, 'owner');
  const [schema] = await database.query(IS_INSTALLED);
  if (schema?.installed !== true || schema.older === true) return [];
  const tables = JSON.stringify(definition.tables.map((mapping) => tableNameOf(mapping[side])));
  const rows = await database.query(READ_GUARDED, { tables });
  return rows.map((row) => ({
    owner: String(row.owner),
    environment: String(row.environment),
    migration: String(row.migration),
    side: row.side as Side,
    state: String(row.state),
    generation: Number(row.generation),
    table: { schema: String(row.schema_name), name: String(row.table_name) },
  }));
}

/** Gathers facts about the expressions and row functions of the tables that the source's worker may read. */
async function projectionsOf(
  { definition, connect }: PinnedRequest,
  source: SideFacts,
): Promise<Facts['projections']> {
  const { server, tables } = source.logins.worker;
  const mappings = definition.tables.filter((mapping) => {
    const table = tables.get(mapping.source);
    const readable = table?.privileges.usage && table.privileges.select;
    return readable && !(table.rowSecurity && !server?.bypassesRowSecurity);
  });
  const computing = mappings.filter(({ columns, where, rowFunction }) => {
    const isPlain = Object.values(columns).every((from) => typeof from === 'string');
    return !isPlain || where !== undefined || rowFunction !== undefined;
  });
  if (!server?.mayCreateTemporary || computing.length === 0) return new Map();
  return projectionFacts(connect('source', 'worker'), computing);
}

/** Measures statements and rows of the mapped tables, one table after the other, because that may read many blocks. */
async function sizesOf(
  { definition, connect }: PinnedRequest,
  sides: Readonly<Record<Side, SideFacts>>,
): Promise<Pick<Facts, 'statements' | 'rowSizes'>> {
  const statements = new Map<string, StatementSize>();
  const rowSizes = new Map<string, RowSize>();
  const worker = connect('source', 'worker');
  for (const { mapping, source, target } of pairsOf({ definition, ...sides })) {
    const layout = source && target && assumedLayout(mapping, source.table, target.table);
    if (!layout) continue;
    statements.set(mapping.target, longestStatement(layout, definition.shape));
    const size =
      source.as.worker && (await sizeOfRows(worker, layout, source.table, definition.tables.length));
    if (size) rowSizes.set(mapping.source, size);
  }
  return { statements, rowSizes };
}

async function loginsOf(request: PinnedRequest, side: Side): Promise<SideFacts['logins']> {
  const found = LOGINS.map(async (login) => [login, await factsOf(request, side, login)] as const);
  return Object.fromEntries(await Promise.all(found)) as SideFacts['logins'];
}

type Tables = ReadonlyMap<string, TableDescription | null>;
const NO_TABLES: Pick<LoginFacts, 'tables' | 'lockHolders'> = { tables: new Map(), lockHolders: new Map() };

async function factsOf(request: PinnedRequest, side: Side, login: Login): Promise<LoginFacts> {
  const database = request.connect(side, login);
  const server = await reachServer(database, request);
  if ('code' in server) return { server: null, unreachable: server, ...NO_TABLES };
  const tables = await tablesOf(database, request.definition, side, { readsRows: login === 'worker' });
  const names = [...tables.keys()];
  const holders = await lockHoldersOf(database, names.map(tableNameOf));
  const lockHolders = new Map(names.map((name, index) => [name, holders[index] ?? []]));
  return { server, unreachable: null, tables, lockHolders };
}

async function tablesOf(
  database: Pick<Database, 'query'>,
  { tables }: Definition,
  side: Side,
  reads: Parameters<typeof describeTables>[2],
): Promise<Tables> {
  const names = tables.map((mapping) => mapping[side]);
  const descriptions = await describeTables(database, names.map(tableNameOf), reads);
  return new Map(names.map((name, index) => [name, descriptions[index] ?? null]));
}

/** Parses a table's name; the definition has been checked, so it is valid. */
function tableNameOf(text: string): TableName {
  const name = parseTableName(text);
  if (name === null) throw new Error(`${JSON.stringify(text)} is not schema.table`);
  return name;
}

/** Describes the server with one login, or returns why the server cannot be reached. */
async function reachServer(
  database: PinnedDatabase,
  { wait, serviceFailure }: PinnedRequest,
): Promise<ServerDescription | Unreachable> {
  for (const pauseMs of [...RECONNECT_WAITS_MS, null]) {
    try {
      const server = await describeServer(database);
      return { ...server, settings: { ...server.settings, search_path: await database.sessionPath() } };
    } catch (error) {
      if (!(error instanceof TransientFailure) || pauseMs === null)
        return unreachableBy(error, serviceFailure);
      await wait(pauseMs);
    }
  }
  throw new Error('the last attempt returns');
}

/** Returns errors of the service and of the server as findings; rethrows any other error, which is a bug. */
function unreachableBy(error: unknown, serviceFailure: FactsRequest['serviceFailure']): Unreachable {
  if (error instanceof StatementRefused)
    return {
      failure: connectFailure(error.sqlState),
      code: error.sqlState ?? error.name,
      message: error.message,
    };
  if (error instanceof NotExecuted) {
    const { code, message } = error;
    const failure = isSqlState(code) ? connectFailure(code) : serviceFailure(code);
    return { failure, code, message: message.replace(`${code}: `, '') };
  }
  if (error instanceof TransientFailure || (error instanceof Error && '$fault' in error))
    return { failure: serviceFailure(error.name), code: error.name, message: error.message };
  throw error;
}

/** Replaces the target's tables by those that the schema files create, if none of them exists yet. */
async function withSchemaFiles(
  request: PinnedRequest,
  logins: SideFacts['logins'],
): Promise<{
  schema: SchemaRehearsal;
  logins: SideFacts['logins'];
  /** Null if the files were not run. */
  sequences: readonly SequenceDescription[] | null;
}> {
  const seen = LOGINS.map((login) => logins[login]).find(({ server }) => server)?.tables ?? NO_TABLES.tables;
  const existing = [...seen].flatMap(([name, table]) => (table ? [name] : []));
  const withoutFiles = (outcome: SchemaRehearsal['outcome']) => ({
    schema: { existing, outcome, failure: null },
    logins,
    sequences: null,
  });
  if (existing.length === request.definition.tables.length) return withoutFiles('existing');
  if (existing.length > 0) return withoutFiles('partial');
  if (!logins.owner.server) return withoutFiles('unknown');
  const result = await rehearseFiles(request);
  const failed = 'file' in result;
  const emptied = LOGINS.map((login) => [login, { ...logins[login], ...NO_TABLES }] as const);
  const without = Object.fromEntries(emptied) as SideFacts['logins'];
  return {
    schema: { existing, outcome: failed ? 'failed' : 'rehearsed', failure: failed ? result : null },
    logins: failed ? without : { ...without, owner: { ...without.owner, tables: result.tables } },
    sequences: failed ? null : result.sequences,
  };
}

/** Tables and sequences that the schema files create. */
interface Rehearsed {
  readonly tables: Tables;
  readonly sequences: readonly SequenceDescription[];
}

async function rehearseFiles({
  definition,
  connect,
  readFile,
}: PinnedRequest): Promise<Rehearsed | NonNullable<SchemaRehearsal['failure']>> {
  const files: { file: string; statements: string }[] = [];
  for (const file of definition.targetSchema) {
    try {
      files.push({ file, statements: await readFile(file) });
    } catch (error) {
      return {
        file,
        message: `cannot read the file: ${error instanceof Error ? error.message : String(error)}`,
      };
    }
  }
  let running: string | null = null;
  try {
    return await connect('target', 'owner').rehearse(async (database) => {
      // Files may alter tables that are in use: rather fail than block their users.
      await database.query("SET LOCAL lock_timeout = '2s'");
      running = definition.targetSchema[0]!;
      await database.query(CREATE_RUN);
      for (const { file, statements } of files) {
        running = file;
        await database.query(PATH_OF_FILES);
        await database.query(RUN, { statements });
      }
      running = null;
      await database.query(`SET LOCAL search_path = ${PINNED_PATH}`);
      const tables = await tablesOf(database, definition, 'target', { readsRows: true });
      return { tables, sequences: await describeSequences(database, schemasOf(tables)) };
    });
  } catch (error) {
    if (error instanceof StatementRefused && running !== null)
      return { file: running, message: error.message };
    throw error;
  }
}
