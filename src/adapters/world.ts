import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { secretField, type Login } from '../contract/logins';
import { otherSide, rolesOf, type Direction, type Side } from '../contract/sides';
import type { Definition, Endpoint } from '../core/definition/definition';
import { databaseName, isSameDatabase } from '../core/definition/same-database';
import { sha256 } from '../core/definition/frozen-definition';
import { MalformedInput, PreflightFailed, WrongState, type Problem } from '../core/errors';
import { parseTableName } from '../core/identifier';
import { mappingFor } from '../core/definition/inverse-mapping';
import { MappingMismatch, layoutOf, withoutSharedSequences } from '../core/layout';
import { withFreeSequences } from '../core/sequences';
import { withMirroredKeys } from '../core/sync/mirrored-keys';
import { runChecks } from '../core/preflight';
import type { End } from '../core/ends';
import type { Clock } from '../core/ports';
import type { Control, PlannedTable, World } from '../core/world';
import { ControlTable } from './dynamodb/control-table';
import { describeSequences, describeTables } from './postgres/catalog';
import { DatabaseChangeLog } from './postgres/change-log';
import type { Database } from './postgres/database';
import { explainedDatabase } from './explained-database';
import { createClient, DataApiDatabase } from './rds-data/data-api-database';
import { serviceFailure } from './rds-data/service-failure';
import { sumTexts } from './postgres/digest';
import { describeExpressions } from './postgres/expressions';
import { gatherFacts } from './postgres/facts';
import { DatabaseGuard } from './postgres/guard';
import { DatabaseInstaller } from './postgres/installer';
import { DatabaseLeases } from './postgres/leases';
import { DatabaseLogins } from './postgres/logins';
import { ProjectedLog } from './postgres/projected-log';
import { ProjectedReader } from './postgres/projected-reader';
import { DatabaseReader } from './postgres/reader';
import { DatabaseVerifier } from './postgres/verifier';
import { versionedDatabase } from './postgres/versioned-database';
import { DatabaseWriter } from './postgres/writer';
import { refusalOf } from './postgres/refusal';
import { isRunning, stop } from './sfn/executions';

export interface WorldOptions {
  readonly definition: Definition;
  readonly environment: string;
  readonly controlTable: string;
  /** Directory that holds `migrations/**\/*.sql`. */
  readonly assetDirectory: string;
  /** SHA-256 of each schema file's text. @default any text is accepted */
  readonly schemaHashes?: ReadonlyMap<string, string>;
  /** Version of the installed functions that the generation uses. @default the one that this code installs */
  readonly installed?: number;
  /** @default the SDK's clients for the function's own Region and credentials */
  readonly clients?: Partial<Clients>;
}

export interface Clients {
  readonly dynamodb: DynamoDBDocumentClient;
  readonly sfn: SFNClient;
  /** Connects to one endpoint with one login. */
  connect(endpoint: Endpoint, login: Login): Database;
}

/** Created once per execution environment, because connections outlive an invocation. */
const shared = {
  dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient({}), {
    marshallOptions: { removeUndefinedValues: true },
  }),
  sfn: new SFNClient({}),
  rdsData: createClient(),
};

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** The address of an endpoint for the Data API, with the secret of one login. */
export const addressOf = ({ clusterArn, database, ...secrets }: Endpoint, login: Login) => ({
  ...{ clusterArn, database },
  secretArn: secrets[secretField(login)],
});

const defaultClients: Clients = {
  dynamodb: shared.dynamodb,
  sfn: shared.sfn,
  connect: (endpoint, login) => new DataApiDatabase(shared.rdsData, addressOf(endpoint, login)),
};

export const clientsOf = ({ clients }: Pick<WorldOptions, 'clients'>): Clients => ({
  ...defaultClients,
  ...clients,
});

export const controlOf = (options: Pick<WorldOptions, 'clients' | 'controlTable'>): Control =>
  new ControlTable(clientsOf(options).dynamodb, options.controlTable);

/** Connects the rules of one migration to AWS and to its databases. */
export function createWorld(options: WorldOptions): World {
  const { definition, environment } = options;
  const clients = clientsOf(options);
  const endpoints = {
    source: endpointOf(definition, 'source', environment),
    target: endpointOf(definition, 'target', environment),
  };
  const connectPlainly: Connect = (side, login) =>
    versionedDatabase(clients.connect(endpoints[side], login), options.installed);
  const connect: Connect = (side, login) =>
    explainedDatabase(connectPlainly(side, login), {
      ...{ migration: definition.name, side, login },
      endpoint: endpoints[side],
    });
  const readSchemaFile = (name: string) => schemaText(options, name);
  const control = controlOf(options);
  return {
    definition,
    control,
    clock: systemClock,
    ends: { source: endOf('source', options, connect), target: endOf('target', options, connect) },
    refusalOf,
    assess: async () =>
      runChecks(
        await gatherFacts({
          definition,
          owner: await control.owner(),
          environment,
          // Preflight reports a denied call among its findings.
          connect: connectPlainly,
          readFile: readSchemaFile,
          wait: (ms) => systemClock.sleep(ms),
          serviceFailure,
        }),
      ),
    schemaFiles: (side) => Promise.all(side === 'target' ? definition.targetSchema.map(readSchemaFile) : []),
    describe: (direction) =>
      describeMapped(definition, direction, connect, isSameDatabase(endpoints.source, endpoints.target)),
    isRunning: (execution) => isRunning(clients.sfn, execution),
    stop: (execution, cause) => stop(clients.sfn, execution, cause),
  };
}

type Connect = (side: Side, login: Login) => Database;

/** Creates one end of a migration. The other side hashes the results of a row function that reads this side's rows. */
function endOf(side: Side, { definition, environment }: WorldOptions, connect: Connect): End {
  const [control, worker, verifier] = [
    connect(side, 'control'),
    connect(side, 'worker'),
    connect(side, 'verifier'),
  ];
  const projectedReader = (database: Database) =>
    new ProjectedReader(new DatabaseReader(database), {
      definition,
      clock: systemClock,
      sumTexts: (layout, groups) => sumTexts(connect(otherSide(side), 'verifier'), layout, groups),
    });
  return {
    side,
    reader: projectedReader(worker),
    writer: new DatabaseWriter(worker),
    verifier: new DatabaseVerifier(verifier, projectedReader(verifier)),
    log: new ProjectedLog(new DatabaseChangeLog(worker, side), definition),
    guard: new DatabaseGuard(control, side),
    leases: new DatabaseLeases({ control, worker }, side),
    logins: new DatabaseLogins((login) => connect(side, login)),
    installer: new DatabaseInstaller(connect(side, 'owner'), side, environment, {
      source: databaseName(endpointOf(definition, 'source', environment)),
      target: databaseName(endpointOf(definition, 'target', environment)),
    }),
  };
}

/** @throws WrongState if the file is not the one that the generation started with */
async function schemaText({ assetDirectory, schemaHashes }: WorldOptions, name: string): Promise<string> {
  const text = await readFile(join(assetDirectory, 'migrations', name), 'utf8');
  if (schemaHashes === undefined || schemaHashes.get(name) === sha256(text)) return text;
  throw new WrongState(
    `schema file ${name} has changed since the generation started. Deploy the earlier file again, or abort and start again`,
  );
}

/** @throws MalformedInput if the definition has no such endpoint */
export function endpointOf(definition: Definition, side: Side, environment: string): Endpoint {
  const endpoint = definition[side][environment];
  if (endpoint) return endpoint;
  const known = Object.keys(definition[side]).join(', ');
  throw new MalformedInput(
    `migration ${definition.name} has no ${side} for environment ${environment}, only for ${known}; add it to the definition`,
  );
}

async function describeMapped(
  definition: Definition,
  direction: Direction,
  connect: Connect,
  oneDatabase: boolean,
): Promise<PlannedTable[]> {
  const describeSide = (side: Side) =>
    describeTables(
      connect(side, 'worker'),
      definition.tables.map((mapping) => parseTableName(mapping[side])!),
    );
  const describeSchemas = (side: Side) =>
    describeSequences(
      connect(side, 'worker'),
      definition.tables.map((mapping) => parseTableName(mapping[side])!.schema),
    );
  const [sources, targets, expressions, sourceSequences, targetSequences] = await Promise.all([
    describeSide('source'),
    describeSide('target'),
    describeExpressions(connect('source', 'worker'), definition.tables),
    describeSchemas('source'),
    describeSchemas('target'),
  ]);
  const { from, to } = rolesOf(direction);
  const problems: Problem[] = [];
  const refuse = (subject: string, found: string): [] => {
    const remedy =
      'Restore the table to its state at preflight and resume, or abort and correct the definition';
    problems.push({ check: 'still-fits', subject, found, remedy });
    return [];
  };
  const tables = definition.tables.flatMap((mapping, index) => {
    const [source, target] = [sources[index], targets[index]];
    if (!source) return refuse(mapping.source, 'the table no longer exists');
    if (!target) return refuse(mapping.target, 'the table no longer exists');
    const both = { source, target };
    try {
      const moved = mappingFor(direction, definition.name, mapping, both);
      const layout = layoutOf(moved, both[from], both[to], expressions.get(mapping.target));
      return [{ mapping, from: both[from], to: both[to], layout }];
    } catch (error) {
      if (error instanceof MappingMismatch) return refuse(mapping.source, error.message);
      throw error;
    }
  });
  if (problems.length > 0)
    throw new PreflightFailed(definition.name, problems, 'the tables have changed since preflight');
  const sequences = { source: sourceSequences, target: targetSequences };
  const complete = withFreeSequences(tables, sequences[from], sequences[to]).map((layout, index) => ({
    ...tables[index]!,
    layout: oneDatabase ? withoutSharedSequences(layout) : layout,
  }));
  const layouts = withMirroredKeys(complete, oneDatabase);
  return tables.map(({ mapping, from: read }, index) => ({
    table: mapping.target,
    layout: layouts[index]!,
    heapBytes: read.heapBytes,
    rowsPerChunk: mapping.chunking.rows,
  }));
}
