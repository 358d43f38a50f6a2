/** A local deployment with pgbench's tables in its source, prepared up to the point where the benchmark starts. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { RDSDataClient } from '@aws-sdk/client-rds-data';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Client } from 'pg';
import { DataApiDatabase } from '../../../src/adapters/rds-data/data-api-database';
import { addressOf, createWorld } from '../../../src/adapters/world';
import { controlTableName, stateMachineName } from '../../../src/contract/names';
import type { Definition } from '../../../src/core/definition/definition';
import { asOwningRun } from '../../../src/core/authority';
import { versionsOf } from '../../../src/adapters/sfn/machine-versions';
import type { DeployedCode, SyncRound } from '../../../src/contract/payloads';
import { claim } from '../claim';
import { startCapture } from '../../../src/core/stages/start-capture';
import { copyItem } from '../../../src/core/backfill/copy-item';
import { nextWave } from '../../../src/core/backfill/next-wave';
import { plan } from '../../../src/core/stages/plan';
import { prepare } from '../../../src/core/stages/prepare';
import { contextOf, type StageContext, type World } from '../../../src/core/world';
import { appUrl, ENVIRONMENT, openRehearsal, type OpenRehearsal } from '../../../src/rehearsal/rehearse/open';

export const MIGRATION = 'tpcb';
const PROJECT_ROOT = join(__dirname, '..', '..', '..');
/** No execution has this name: the benchmark runs the stages itself. */
const EXECUTION = 'arn:aws:states:eu-west-1:111122223333:execution:bench:bench';
const COPIERS = 4;
const FOREVER_MS = 900_000;

export interface LogStatus {
  readonly entries: number;
  /** Age of the oldest entry, in seconds; 0 if there is none. */
  readonly oldestSeconds: number;
}

export class SyncScene {
  private sync = '';

  private constructor(
    private readonly rehearsal: OpenRehearsal,
    readonly context: StageContext,
    private readonly sfn: SFNClient,
    private readonly source: Client,
  ) {}

  static async open(accounts: number, log: (line: string) => void): Promise<SyncScene> {
    const definition = loadDefinition();
    const rehearsal = await openRehearsal(
      {
        projectRoot: PROJECT_ROOT,
        plan: { migration: MIGRATION, rows: accounts, seed: 1 },
        ...{ resume: false, keep: false },
      },
      {
        loadMigration: () => definition,
        operatorOf: () => {
          throw new Error('the benchmark starts only Sync');
        },
        note: log,
        now: Date.now,
        sleep: (ms) => new Promise((done) => setTimeout(done, ms)),
        interrupted: new AbortController().signal,
      },
    );
    const { world, sfn } = wire(rehearsal, definition);
    const run = await claim(world, EXECUTION, ENVIRONMENT, await deployedSync(rehearsal, sfn));
    const context = contextOf(world, run);
    await world.control.finishStage(run.migration, run.generation, 'preflight');
    await prepare(context);
    const source = new Client({ connectionString: rehearsal.servers.source.adminUrl });
    await source.connect();
    return new SyncScene(rehearsal, context, sfn, source);
  }

  get urls() {
    const { source, target } = this.rehearsal.servers;
    return { app: appUrl(this.rehearsal, 'source'), source: source.adminUrl, target: target.adminUrl };
  }

  /** Creates the capture triggers on the source's tables, or drops them. */
  async capture(isOn: boolean): Promise<void> {
    const { flow } = this.context;
    const { installer } = flow.from;
    if (!isOn) return asOwningRun(this.context, (authority) => installer.stopCapture(authority));
    for (const { table, layout } of await this.context.describe('forward'))
      await asOwningRun(this.context, (authority) =>
        installer.startCapture(authority, table, layout, 2 ** 40),
      );
  }

  /** Starts capture and copies every row; afterwards `Sync` does the rest. */
  async copyAll(): Promise<void> {
    await startCapture(this.context);
    await plan(this.context);
    for (;;) {
      const wave = await nextWave(this.context, { purpose: 'copy' });
      if (wave.verdict === 'empty') return;
      const items = [...wave.items];
      const copy = async (): Promise<void> => {
        for (let item = items.shift(); item !== undefined; item = items.shift())
          while (!(await copyItem(this.context, item, () => FOREVER_MS)).done);
      };
      await Promise.all(Array.from({ length: COPIERS }, copy));
    }
  }

  /** Starts the deployed machine as `Migration` does. */
  async startSync(): Promise<void> {
    const { control, run } = this.context;
    const { migration, generation, direction } = run;
    const { syncMachine } = await control.recordOrFail(migration);
    const round: Omit<SyncRound, 'execution' | 'code'> = {
      ...{ migration, generation, direction, syncMachine },
      ...{ startedBy: EXECUTION, events: 0 },
    };
    const started = await this.sfn.send(
      new StartExecutionCommand({ stateMachineArn: syncMachine, input: JSON.stringify(round) }),
    );
    this.sync = started.executionArn!;
  }

  /** @throws Error if `Sync` has ended, so that nothing empties the log */
  async assertSyncRuns(): Promise<void> {
    const { status, cause } = await this.sfn.send(new DescribeExecutionCommand({ executionArn: this.sync }));
    if (status !== 'RUNNING') throw new Error(`Sync has ended: ${status}, ${cause ?? 'without a cause'}`);
  }

  async log(): Promise<LogStatus> {
    const { rows } = await this.source.query<{ entries: string; oldest: string | null }>(
      `SELECT count(*) AS entries, extract(epoch FROM clock_timestamp() - min(at)) AS oldest FROM sluice.change_log`,
    );
    return { entries: Number(rows[0]!.entries), oldestSeconds: Math.max(0, Number(rows[0]!.oldest ?? 0)) };
  }

  /** Keys applied so far, according to the ledger. */
  async applied(): Promise<number> {
    const { control, run } = this.context;
    const partitions = await control.partitions.list(run.migration, run.generation);
    return partitions.reduce((sum, { applied }) => sum + applied, 0);
  }

  async checkpoint(): Promise<void> {
    await this.source.query('CHECKPOINT');
  }

  async close(): Promise<void> {
    await this.source.end();
    this.sfn.destroy();
    await this.rehearsal.close();
  }
}

/** The published version of `Sync` and its code version, which `Migration` would record. */
async function deployedSync({ engine }: OpenRehearsal, sfn: SFNClient): Promise<DeployedCode> {
  const name = stateMachineName(ENVIRONMENT, 'Sync');
  const machine = engine.assembly.stateMachines.find((each) => each.name === name)!;
  for await (const { arn, code } of versionsOf(sfn, machine.arn))
    if (code !== null) return { code, syncMachine: arn };
  throw new Error(`${name} has no published version`);
}

/** Uses require, which works under every TypeScript loader. */
function loadDefinition(): Definition {
  const file = join(PROJECT_ROOT, 'migrations', `${MIGRATION}.ts`);
  return (createRequire(__filename)(file) as { readonly default: Definition }).default;
}

function wire({ engine }: OpenRehearsal, definition: Definition): { world: World; sfn: SFNClient } {
  const variables = engine.environment;
  const settings = (endpoint: string) => ({
    endpoint: variables[endpoint]!,
    region: variables.AWS_REGION!,
    credentials: {
      accessKeyId: variables.AWS_ACCESS_KEY_ID!,
      secretAccessKey: variables.AWS_SECRET_ACCESS_KEY!,
    },
  });
  const sfn = new SFNClient(settings('AWS_ENDPOINT_URL_SFN'));
  const dynamodb = new DynamoDBClient(settings('AWS_ENDPOINT_URL_DYNAMODB'));
  const rdsData = new RDSDataClient({ ...settings('AWS_ENDPOINT_URL_RDS_DATA'), maxAttempts: 1 });
  const world = createWorld({
    definition,
    environment: ENVIRONMENT,
    controlTable: controlTableName(ENVIRONMENT),
    assetDirectory: PROJECT_ROOT,
    clients: {
      sfn,
      dynamodb: DynamoDBDocumentClient.from(dynamodb, { marshallOptions: { removeUndefinedValues: true } }),
      connect: (endpoint, login) => new DataApiDatabase(rdsData, addressOf(endpoint, login)),
    },
  });
  return { world, sfn };
}
