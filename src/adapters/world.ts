import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeExecutionCommand, ExecutionDoesNotExist, SFNClient } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Definition, Endpoint } from '../core/definition';
import { MalformedInput, PreflightRefused, type Problem } from '../core/errors';
import { parseTableName } from '../core/identifier';
import { DoesNotFit, layoutOf } from '../core/layout';
import { withMirroredKeys } from '../core/mirrored-keys';
import { runChecks } from '../core/preflight';
import type { Clock, RefusalOf } from '../core/ports';
import type { PlannedTable, World } from '../core/stages/world';
import { ControlTable } from './dynamodb/control-table';
import { asTransient } from './dynamodb/error';
import { describeTables } from './rds-data/catalog';
import { createClient, DataApiDatabase, type Database } from './rds-data/database';
import { sumTexts } from './rds-data/digest';
import { StatementRefused } from './rds-data/error';
import { describeExpressions } from './rds-data/expressions';
import { gatherFacts } from './rds-data/facts';
import { DatabaseInstaller } from './rds-data/installer';
import { ProjectedSource } from './rds-data/projected-source';
import { TargetDatabase } from './rds-data/target';

export interface WorldOptions {
  readonly definition: Definition;
  readonly environment: string;
  readonly controlTable: string;
  /** Directory that holds `migrations/**\/*.sql`. */
  readonly assetDirectory: string;
  /** @default the SDK's clients for the function's own Region and credentials */
  readonly clients?: Partial<Clients>;
}

export interface Clients {
  readonly dynamodb: DynamoDBDocumentClient;
  readonly sfn: SFNClient;
  /** One login of one endpoint. */
  connect(endpoint: Endpoint, login: Login): Database;
}

type Side = 'source' | 'target';
type Login = 'owner' | 'worker';

/** Made once per execution environment: connections outlive an invocation. */
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

const defaultClients: Clients = {
  dynamodb: shared.dynamodb,
  sfn: shared.sfn,
  connect: ({ clusterArn, database, ownerSecretArn, workerSecretArn }, login) =>
    new DataApiDatabase(shared.rdsData, {
      clusterArn,
      database,
      secretArn: login === 'owner' ? ownerSecretArn : workerSecretArn,
    }),
};

/** Wires the rules of one migration to AWS. */
export function createWorld(options: WorldOptions): World {
  const { definition, environment } = options;
  const clients: Clients = { ...defaultClients, ...options.clients };
  const endpoints = {
    source: endpointOf(definition, 'source', environment),
    target: endpointOf(definition, 'target', environment),
  };
  const connect = (side: Side, login: Login) => clients.connect(endpoints[side], login);
  const readSchemaFile = (name: string) => readFile(join(options.assetDirectory, 'migrations', name), 'utf8');
  return {
    definition,
    control: new ControlTable(clients.dynamodb, options.controlTable),
    clock: systemClock,
    source: new ProjectedSource(connect('source', 'worker'), 'source', {
      definition,
      clock: systemClock,
      sumTexts: (layout, groups) => sumTexts(connect('target', 'worker'), layout, groups),
    }),
    target: new TargetDatabase(connect('target', 'worker'), 'target'),
    installers: {
      source: new DatabaseInstaller(connect('source', 'owner'), 'source'),
      target: new DatabaseInstaller(connect('target', 'owner'), 'target'),
    },
    refusalOf,
    assess: async () =>
      runChecks(
        await gatherFacts({
          definition,
          environment,
          connect,
          readFile: readSchemaFile,
          wait: (ms) => systemClock.sleep(ms),
        }),
      ),
    schemaFiles: () => Promise.all(definition.targetSchema.map(readSchemaFile)),
    describe: () => describeMapped(definition, connect('source', 'worker'), connect('target', 'worker')),
    isRunning: (execution) => isRunning(clients.sfn, execution),
  };
}

function endpointOf(definition: Definition, side: Side, environment: string): Endpoint {
  const endpoint = definition[side][environment];
  if (endpoint) return endpoint;
  const known = Object.keys(definition[side]).join(', ');
  throw new MalformedInput(
    `migration ${definition.name} has no ${side} for environment ${environment}, only for ${known}; add it to the definition`,
  );
}

/** Refusals are about what a statement carries; a broken statement or a missing right is not the row's fault. */
export const refusalOf: RefusalOf = (error) => {
  if (!(error instanceof StatementRefused)) return null;
  const aboutValues = /^(21|22|23|54|P0|0A|38|39|XX)/.test(error.sqlState ?? '22');
  return aboutValues ? { sqlState: error.sqlState, constraint: error.constraint } : null;
};

async function describeMapped(
  definition: Definition,
  source: Database,
  target: Database,
): Promise<PlannedTable[]> {
  const [sources, targets, expressions] = await Promise.all([
    describeTables(
      source,
      definition.tables.map((mapping) => parseTableName(mapping.source)!),
    ),
    describeTables(
      target,
      definition.tables.map((mapping) => parseTableName(mapping.target)!),
    ),
    describeExpressions(source, definition.tables),
  ]);
  const problems: Problem[] = [];
  const refuse = (subject: string, found: string): [] => {
    const remedy = 'it fitted at preflight: change it back and resume, or abort and mend the definition';
    problems.push({ check: 'still-fits', subject, found, remedy });
    return [];
  };
  const tables = definition.tables.flatMap((mapping, index) => {
    const [left, right] = [sources[index], targets[index]];
    if (!left) return refuse(mapping.source, 'the table is gone');
    if (!right) return refuse(mapping.target, 'the table is gone');
    try {
      return [
        { mapping, source: left, layout: layoutOf(mapping, left, right, expressions.get(mapping.target)) },
      ];
    } catch (error) {
      if (error instanceof DoesNotFit) return refuse(mapping.source, error.message);
      throw error;
    }
  });
  if (problems.length > 0)
    throw new PreflightRefused(definition.name, problems, 'the tables are no longer those of preflight');
  const layouts = withMirroredKeys(tables);
  return tables.map(({ mapping, source: described }, index) => ({
    table: mapping.target,
    layout: layouts[index]!,
    heapBytes: described.heapBytes,
    rowsPerChunk: mapping.chunking.rows,
  }));
}

async function isRunning(sfn: SFNClient, execution: string): Promise<boolean> {
  try {
    const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn: execution }));
    return status === 'RUNNING' || status === 'PENDING_REDRIVE';
  } catch (error) {
    // Its history is gone after 90 days; an owner that ever claimed the migration was visible to itself.
    if (error instanceof ExecutionDoesNotExist) return false;
    throw asTransient(error);
  }
}
