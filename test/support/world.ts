/**
 * A migration between two real databases, with Sluice's logins as docs/guide/roles.sql makes them and the control table
 * on the local DynamoDB; a test runs its stages in process, one by one.
 *
 * ```ts
 * let lab: Lab;
 * beforeAll(async () => { lab = await startLab(); });
 * afterAll(() => lab.stop());
 * test('...', async () => {
 *   const trial = await lab.trial({ tables: 'CREATE TABLE t (id int PRIMARY KEY)', seed: 'INSERT INTO t VALUES (1)' });
 *   await trial.begin();
 *   await trial.walk('backfill');
 *   expect(await trial.target.rows('t')).toEqual(['(1)']);
 * });
 * ```
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Side as SideName } from '../../src/contract/sides';
import { ControlTable } from '../../src/adapters/dynamodb/control-table';
import type { Parameters, Row } from '../../src/adapters/postgres/database';
import { createWorld } from '../../src/adapters/world';
import type { ChunkItem, Run } from '../../src/contract/payloads';
import {
  defineMigration,
  type Definition,
  type MigrationDefinition,
  type TableMapping,
} from '../../src/core/definition/definition';
import { migrationOf, type Machine, type Stage } from '../../src/contract/lifecycle';
import { revoke } from '../../src/core/stages/revoke';
import { undo } from './undo';
import { claimMigration } from '../../src/core/execution/claim-migration';
import { copyItem } from '../../src/core/backfill/copy-item';
import type { End } from '../../src/core/ports';
import { contextOf, type StageContext, type World } from '../../src/core/world';
import { startControlTable, TABLE_NAME } from './control-table';
import { pooledDatabase } from './pg-database';
import { freshDatabase, runSql, startTestPostgres, type TestPostgres } from 'local-aws/testing';
import { PASSWORD, SCHEMA, Side } from './side';
import { SyncInProcess } from './sync';
import { copyAll, runStageOf, walkStages } from './walk';

/** One statement on its way to a database. */
export interface Call {
  readonly side: SideName;
  readonly login: 'owner' | 'worker';
  readonly sql: string;
  readonly parameters: Parameters;
  run(): Promise<Row[]>;
}

export interface Setup {
  /** Statements that make the tables, on both ends unless `target` is given, as the application's owner. */
  readonly tables: string;
  readonly target?: string;
  /** Statements that fill the source. */
  readonly seed?: string;
  /** Tables of the schema, mapped to themselves, or whole mappings. @default t */
  readonly map?: readonly (string | TableMapping)[];
  readonly definition?: Partial<MigrationDefinition>;
  /** Texts of the definition's schema files, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

const ENVIRONMENT = 'test';
const HOUR_MS = 3_600_000;
/** Pauses of a test's own steps are short; appliers run at the same time, and get less of the machine. */
const SLEEP = 1 / 20;
const SYNC_SLEEP = 1 / 4;

export class Lab {
  private trials = 0;
  private open: Trial[] = [];
  private readonly directory = mkdtempSync(join(tmpdir(), 'sluice-assets-'));

  constructor(
    readonly server: TestPostgres,
    readonly dynamodb: DynamoDBDocumentClient,
    private readonly closeTable: () => Promise<void>,
  ) {}

  /** Two databases of its own, and a definition over them, not yet started. */
  async trial(setup: Setup): Promise<Trial> {
    const [source, target] = [
      await this.database(setup.tables),
      await this.database(setup.target ?? setup.tables),
    ];
    if (setup.seed) await source.sql(setup.seed);
    return this.trialOn(source, target, setup);
  }

  /** A directory that holds a definition's schema files, as a function's bundle does. */
  assets(name: string, files: Readonly<Record<string, string>>): string {
    const directory = join(this.directory, name);
    mkdirSync(join(directory, 'migrations'), { recursive: true });
    for (const [file, text] of Object.entries(files))
      writeFileSync(join(directory, 'migrations', file), text);
    return directory;
  }

  /** Another definition over databases that are there already. */
  trialOn(source: Side, target: Side, setup: Omit<Setup, 'tables' | 'target' | 'seed'>): Trial {
    this.trials += 1;
    const trial = new Trial(
      this,
      source,
      target,
      definitionOf(`move-${this.trials}`, setup),
      setup.files ?? {},
    );
    this.open.push(trial);
    return trial;
  }

  /** Ends the trials of a test: appliers that still poll would slow the tests after it. */
  async endTrials(): Promise<void> {
    const ending = this.open;
    this.open = [];
    await Promise.all(ending.map((trial) => trial.disconnect()));
    for (const { source, target } of ending) await Promise.all([source.close(), target.close()]);
  }

  async stop(): Promise<void> {
    await this.endTrials();
    await this.closeTable();
    await this.server.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async database(tables: string): Promise<Side> {
    const side = new Side(await freshDatabase(this.server, 'app_owner'));
    await side.sql(`
      CREATE SCHEMA ${SCHEMA} AUTHORIZATION app_owner;
      SET ROLE app_owner; ${tables};
      GRANT USAGE ON SCHEMA ${SCHEMA} TO sluice_worker, app;
      GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA ${SCHEMA} TO sluice_worker, app;
      GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${SCHEMA} TO app;
      RESET ROLE;
      DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO sluice_owner', current_database()); END $$`);
    return side;
  }
}

export async function startLab(settings: Readonly<Record<string, string>> = {}): Promise<Lab> {
  const [server, table] = await Promise.all([
    startTestPostgres({ scram_iterations: '1', max_connections: '200', ...settings }),
    startControlTable(),
  ]);
  await runSql(
    server.superuserUrl,
    `CREATE ROLE app_owner LOGIN PASSWORD '${PASSWORD}'; CREATE ROLE app LOGIN PASSWORD '${PASSWORD}';
     ${readFileSync('docs/guide/roles.sql', 'utf8')}`,
  );
  return new Lab(server, table.client, () => table.stop());
}

export class Trial {
  readonly control: ControlTable;
  /** Executions that `claimMigration` is to find running. */
  readonly running = new Set<string>();
  private readonly databases = new Map<string, ReturnType<typeof pooledDatabase>>();
  private readonly syncs: SyncInProcess[] = [];
  private claimed: Run | null = null;

  constructor(
    private readonly lab: Lab,
    readonly source: Side,
    readonly target: Side,
    readonly definition: Definition,
    private readonly files: Readonly<Record<string, string>>,
  ) {
    this.control = new ControlTable(lab.dynamodb, TABLE_NAME);
  }

  get name(): string {
    return this.definition.name;
  }

  /** The last run that `claimMigration` claimed. */
  get run(): Run {
    if (!this.claimed) throw new Error('the trial has not started');
    return this.claimed;
  }

  /** The world as a function would wire it; `intercept` sees every statement on its way. */
  world(intercept: (call: Call) => Promise<Row[]> = (call) => call.run(), sleepFactor = SLEEP): World {
    const world = createWorld({
      definition: this.definition,
      environment: ENVIRONMENT,
      controlTable: TABLE_NAME,
      assetDirectory: this.lab.assets(this.name, this.files),
      clients: {
        dynamodb: this.lab.dynamodb,
        connect: ({ clusterArn }, login) => {
          const side = clusterArn.endsWith('source') ? 'source' : 'target';
          const database = this.database(side, login);
          return {
            ...database,
            query: (sql, parameters = {}) =>
              intercept({ side, login, sql, parameters, run: () => database.query(sql, parameters) }),
          };
        },
      },
    });
    return {
      ...world,
      clock: {
        now: Date.now,
        sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms * sleepFactor)),
      },
      isRunning: async (execution) => this.running.has(execution),
    };
  }

  /** Ends Sluice's sessions; later statements log in again. */
  async disconnect(): Promise<void> {
    await Promise.all(this.syncs.map((sync) => sync.stop()));
    const databases = [...this.databases.values()];
    this.databases.clear();
    await Promise.all(databases.map((database) => database.close()));
  }

  private database(side: SideName, login: 'owner' | 'worker') {
    const key = `${side} ${login}`;
    const database = this.databases.get(key) ?? pooledDatabase(this[side].as(`sluice_${login}`));
    this.databases.set(key, database);
    return database;
  }

  context(world: World = this.world(), run: Run = this.run): StageContext {
    return contextOf(world, run);
  }

  async begin(execution = 'execution-1', world: World = this.world()): Promise<Run> {
    this.claimed = await claimMigration(world, execution);
    return this.claimed;
  }

  /**
   * Claims a generation that moves the target's rows to the source, as after a flip. Preflight is about the other direction,
   * and counts as finished.
   */
  async beginReverse(execution = 'execution-1'): Promise<Run> {
    await this.control.create(this.name, execution, this.definition.shape);
    const created = await this.control.recordOrFail(this.name);
    await this.control.takeOver(created, execution, { direction: 'reverse', writes: 'target' });
    await this.control.finishStage(this.name, created.generation, 'preflight');
    return this.begin(execution);
  }

  /**
   * Runs the stages in order, as the state machine does, until this one is finished. Shape `cdc`: appliers run concurrently from
   * the plan on.
   */
  walk(until: Stage, world: World = this.world()): Promise<void> {
    return walkStages(this, until, world);
  }

  /** The lifecycle of the trial's shape. */
  machine(): Machine {
    return migrationOf(this.definition.shape);
  }

  async stage(stage: Stage, world: World = this.world()): Promise<void> {
    await runStageOf(this, stage, world);
  }

  /** Starts an execution of `Sync`, unless one runs. */
  sync(world: World = this.world(undefined, SYNC_SLEEP), execution?: string): SyncInProcess {
    const running = this.syncs.find((sync) => this.running.has(sync.execution));
    if (execution === undefined && running) return running;
    const sync = new SyncInProcess(
      this,
      execution ?? `sync-${this.syncs.length + 1}`,
      world,
      this.run.execution,
    );
    this.syncs.push(sync);
    return sync;
  }

  copyAll(world: World = this.world()): Promise<void> {
    return copyAll(this, world);
  }

  verifyAll(world: World = this.world()): Promise<void> {
    return this.stage('verify', world);
  }

  /** Copies one chunk as one invocation does. */
  copy(chunk: number, world: World = this.world(), table?: string) {
    return copyItem(world, this.item(chunk, table), () => HOUR_MS);
  }

  item(chunk: number, table: string = this.definition.tables[0]!.target): ChunkItem {
    const { generation, direction } = this.run;
    return { migration: this.name, generation, direction, table, chunk };
  }

  async abort(reason = 'a test says so', world: World = this.world()): Promise<void> {
    await revoke(world, reason);
    await undo(world);
  }

  chunks() {
    return this.control.chunks.list(this.name, this.run.generation);
  }

  async problems() {
    return this.control.chunks.problems(this.name, this.run.generation);
  }

  /** Events of the journal, oldest first. */
  async events(): Promise<string[]> {
    return (await this.control.journal.last(this.name, 1_000)).map(({ event }) => event);
  }

  /** Every item that the control table holds of the migration, as one text. */
  async everyItem(): Promise<string> {
    const items: unknown[] = [];
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    do {
      const query = {
        TableName: TABLE_NAME,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': this.name },
      };
      const page = await this.lab.dynamodb.send(
        new QueryCommand(ExclusiveStartKey ? { ...query, ExclusiveStartKey } : query),
      );
      items.push(...(page.Items ?? []));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    return JSON.stringify(items);
  }

  /** Both sides hold the same rows in every mapped table, and hold some. */
  async contents(): Promise<{ source: string[]; target: string[] }> {
    const contents = async (end: SideName) =>
      Promise.all(this.definition.tables.map((mapping) => this[end].content(mapping[end])));
    return { source: await contents('source'), target: await contents('target') };
  }
}

function definitionOf(name: string, { map = ['t'], definition, files }: Omit<Setup, 'tables'>): Definition {
  return defineMigration({
    name,
    shape: 'offline',
    source: { [ENVIRONMENT]: endpoint('source') },
    target: { [ENVIRONMENT]: endpoint('target') },
    ...(files ? { targetSchema: Object.keys(files) } : {}),
    tables: map.map((mapping) =>
      typeof mapping === 'string'
        ? { source: `${SCHEMA}.${mapping}`, target: `${SCHEMA}.${mapping}`, chunking: { rows: 100 } }
        : mapping,
    ),
    ...definition,
  });
}

export const endpoint = (side: SideName) => ({
  clusterArn: `arn:aws:rds:eu-west-1:111122223333:cluster:${side}`,
  database: 'app',
  ownerSecretArn: `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${side}-owner`,
  workerSecretArn: `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${side}-worker`,
});

type EndMethods = { readonly [P in Exclude<keyof End, 'side'>]?: Partial<End[P]> };

/** The same world with some methods of one end's parts replaced. */
export function withEnd(world: World, side: SideName, methods: (end: End) => EndMethods): World {
  const end = world.ends[side];
  const replaced = Object.entries(methods(end)).map(([part, some]) => [
    part,
    overriding(end[part as keyof EndMethods], some),
  ]);
  const parts = Object.fromEntries(replaced) as Partial<End>;
  return { ...world, ends: { ...world.ends, [side]: { ...end, ...parts } } };
}

/** The same object with some of its methods replaced. */
export function overriding<T extends object>(object: T, methods: Partial<T>): T {
  return new Proxy(object, {
    get(target, name): unknown {
      if (name in methods) return Reflect.get(methods, name);
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
