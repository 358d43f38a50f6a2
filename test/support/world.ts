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
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Login } from '../../src/contract/logins';
import type { Side as SideName } from '../../src/contract/sides';
import { ControlTable } from '../../src/adapters/dynamodb/control-table';
import type { Parameters, Row } from '../../src/adapters/postgres/database';
import { openClaim, openWorld } from '../../src/adapters/open-world';
import { createWorld } from '../../src/adapters/world';
import type { ChunkItem, Run } from '../../src/contract/payloads';
import type { Definition, Endpoint } from '../../src/core/definition/definition';
import { migrationOf, type Machine, type Stage } from '../../src/contract/lifecycle';
import { revoke, undo } from './undo';
import { claimMigration, type Claim, type ClaimWorld } from '../../src/core/execution/claim-migration';
import { generationStart } from './generation-start';
import { DEPLOYED } from './deployed';
import { copyItem } from '../../src/core/backfill/copy-item';
import { authorityOf, readOwnGuard } from '../../src/core/authority';
import type { GenerationName } from '../../src/core/ledger';
import type { GuardStatus } from '../../src/core/guard-ports';
import type { Authority } from '../../src/core/ports';
import { UnknownMigration } from '../../src/core/errors';
import { contextOf, type StageContext, type World } from '../../src/core/world';
import { startControlTable, TABLE_NAME } from './control-table';
import { everyItem } from './every-item';
import { pooledDatabase } from './pg-database';
import { freshDatabase, runSql, startTestPostgres, type TestPostgres } from 'local-aws/testing';
import { PASSWORD, SCHEMA, Side } from './side';
import { definitionOf, endpoint, ENVIRONMENT, type Setup } from './trial-definition';
import { SyncInProcess } from './sync';
import { copyAll, runStageOf, walkStages } from './walk';

export { overriding, withEnd } from './overriding';
export { endpoint, type Setup } from './trial-definition';

/** One statement that is about to be sent to a database. */
export interface Call {
  readonly side: SideName;
  readonly login: Login;
  readonly sql: string;
  readonly parameters: Parameters;
  run(): Promise<Row[]>;
}

type Intercept = (call: Call) => Promise<Row[]>;

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

  /** Two new databases, and a definition over them, not yet started. */
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
      GRANT USAGE ON SCHEMA ${SCHEMA} TO sluice_worker, sluice_verifier, app;
      GRANT SELECT ON ALL TABLES IN SCHEMA ${SCHEMA} TO sluice_verifier;
      GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA ${SCHEMA} TO sluice_worker, app;
      GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${SCHEMA} TO app;
      RESET ROLE;
      DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO sluice_owner', current_database()); END $$`);
    return side;
  }
}

/** @throws Error for a cluster that no trial starts with */
function sideOf(clusterArn: string): SideName {
  const side = (['source', 'target'] as const).find((each) => clusterArn === endpoint(each).clusterArn);
  if (!side) throw new Error(`no trial starts with ${clusterArn}`);
  return side;
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
  private owner: string | null = null;
  /** The definition in the deployed bundle. Null: its file is gone. */
  deployed: Definition | null;
  private runsStarted = 0;

  constructor(
    private readonly lab: Lab,
    readonly source: Side,
    readonly target: Side,
    readonly definition: Definition,
    private readonly files: Readonly<Record<string, string>>,
  ) {
    this.control = new ControlTable(lab.dynamodb, TABLE_NAME);
    this.deployed = definition;
  }

  get name(): string {
    return this.definition.name;
  }

  /** The last run that `claimMigration` claimed. */
  get run(): Run {
    if (!this.claimed) throw new Error('the trial has not started');
    return this.claimed;
  }

  /** The world as a function would wire it; `intercept` sees every statement before it is sent. */
  world(intercept: Intercept = (call) => call.run(), sleepFactor = SLEEP): World {
    const world = createWorld({ definition: this.definition, ...this.settings(intercept) });
    return this.withTestClock(world, sleepFactor);
  }

  /** The world as a function opens it: what was frozen in the ledger, with the row functions that are deployed. */
  async open(intercept: Intercept = (call) => call.run()): Promise<World> {
    return this.withTestClock(await openWorld(this.options(intercept)), SLEEP);
  }

  private options(intercept: Intercept = (call) => call.run()) {
    return { migration: this.name, load: () => this.load(), ...this.settings(intercept) };
  }

  private async load(): Promise<Definition> {
    if (!this.deployed) throw new UnknownMigration(this.name);
    return this.deployed;
  }

  private settings(intercept: Intercept) {
    return {
      environment: ENVIRONMENT,
      controlTable: TABLE_NAME,
      assetDirectory: this.lab.assets(this.name, this.files),
      clients: {
        dynamodb: this.lab.dynamodb,
        connect: ({ clusterArn }: Endpoint, login: Call['login']) => {
          const side = sideOf(clusterArn);
          const database = this.database(side, login);
          return {
            ...database,
            query: (sql: string, parameters: Parameters = {}) =>
              intercept({ side, login, sql, parameters, run: () => database.query(sql, parameters) }),
          };
        },
      },
    };
  }

  private withTestClock<W extends object>(world: W, sleepFactor: number) {
    return {
      ...world,
      clock: {
        now: Date.now,
        sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms * sleepFactor)),
      },
      isRunning: async (execution: string) => this.running.has(execution),
      stop: async (execution: string) => void this.running.delete(execution),
    };
  }

  /** Names the last claimed generation. */
  get of(): GenerationName {
    if (this.owner === null) throw new Error('the trial has not started');
    return { owner: this.owner, migration: this.name, generation: this.run.generation };
  }

  /** Of the last claimed generation, under this epoch or the ledger's. */
  async authority(epoch?: number): Promise<Authority> {
    const record = await this.control.record(this.name);
    const { generation } = this.claimed ?? { generation: 1 };
    const { owner = await this.control.owner() } = record ?? {};
    const { epoch: recorded = 0, fenceEpoch = null, writes = 'source' } = record ?? {};
    const of = { migration: this.name, generation, owner, epoch: recorded, fenceEpoch, writes };
    return authorityOf(this, of, epoch);
  }

  guard(side: SideName): Promise<GuardStatus | null> {
    return readOwnGuard(this, this.world().ends[side], this.name);
  }

  /** Ends Sluice's sessions; later statements log in again. */
  async disconnect(): Promise<void> {
    await Promise.all(this.syncs.map((sync) => sync.stop()));
    const databases = [...this.databases.values()];
    this.databases.clear();
    await Promise.all(databases.map((database) => database.close()));
  }

  private database(side: SideName, login: Login) {
    const key = `${side} ${login}`;
    const database = this.databases.get(key) ?? pooledDatabase(this[side].as(`sluice_${login}`));
    this.databases.set(key, database);
    return database;
  }

  context(world: World = this.world(), run: Run = this.run): StageContext {
    return contextOf(world, run);
  }

  async begin(
    execution = 'execution-1',
    world: Omit<ClaimWorld, 'deployed'> = this.world(),
    claim: Partial<Claim> = {},
  ): Promise<Run> {
    const { deployed } = openClaim(this.options());
    this.claimed = await claimMigration(
      { ...world, deployed },
      {
        ...{ ...DEPLOYED, continueWith: 'recorded', startedAt: this.nextStart(), ...claim },
        ...{ migration: this.name, execution },
      },
    );
    this.owner = await this.control.owner();
    return this.claimed;
  }

  /** Every run starts a minute after the previous one, and after every record that a real clock dates. */
  private nextStart(): string {
    this.runsStarted += 1;
    return new Date(Date.UTC(2100, 0, 1) + this.runsStarted * 60_000).toISOString();
  }

  /**
   * Claims a generation that moves the target's rows to the source, as after a flip. Preflight is about the other direction,
   * and counts as finished.
   */
  async claimReverse(execution = 'execution-1'): Promise<Run> {
    await this.control.create(this.name, execution, generationStart(this.definition.shape));
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

  /** Every item that the control table holds of the migration, without its definition, as one text. */
  everyItem(): Promise<string> {
    return everyItem(this.lab.dynamodb, this.name);
  }

  /** Both sides hold the same rows in every mapped table, and hold some. */
  async contents(): Promise<{ source: string[]; target: string[] }> {
    const contents = async (end: SideName) =>
      Promise.all(this.definition.tables.map((mapping) => this[end].content(mapping[end])));
    return { source: await contents('source'), target: await contents('target') };
  }
}
