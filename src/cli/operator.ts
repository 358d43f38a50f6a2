/** Starts and watches executions and reads the ledger, on AWS and in a rehearsal alike. */
import { randomBytes } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DescribeExecutionCommand,
  paginateGetExecutionHistory,
  paginateListStateMachines,
  SFNClient,
  StartExecutionCommand,
  type HistoryEvent,
} from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ControlTable } from '../adapters/dynamodb/control-table';
import type { MachineName } from '../contract/lifecycle';
import { controlTableName, stackName, stateMachineName } from '../contract/names';
import type { AbortInput, MigrationInput } from '../contract/payloads';
import type { RequestedSettings } from '../core/definition/live-settings';
import { SluiceError } from '../core/errors';
import { changeSettings, type SettingChange } from '../core/execution/change-settings';
import type { MigrationRecord, MigrationReport } from '../core/ledger';
import { explainAwsError } from './aws-failures';
import { CommandFailed } from './failures';
import { versionsOf, type MachineVersion } from '../adapters/sfn/machine-versions';

export interface ExecutionState {
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'PENDING_REDRIVE';
  /** Null unless the execution succeeded. */
  readonly output: string | null;
  /** Null unless the execution failed. */
  readonly error: string | null;
  readonly cause: string | null;
}

/** Settings of an SDK client. Without them, the SDK uses its own chain of variables, profiles and roles. */
export interface ClientSettings {
  readonly region?: string;
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

export interface OperatorOptions {
  /** Name of the deployment's environment, e.g. `dev`. */
  readonly environment: string;
  readonly settings?: ClientSettings;
  /** @default the SDK's own, AWS_ENDPOINT_URL_* included */
  readonly endpoints?: { readonly sfn: string; readonly dynamodb: string };
  readonly now?: () => number;
}

export class Operator {
  private readonly sfn: SFNClient;
  private readonly control: ControlTable;
  private readonly environment: string;
  private readonly now: () => number;

  constructor({ environment, settings = {}, endpoints, now = Date.now }: OperatorOptions) {
    const at = (endpoint: string | undefined) => (endpoint === undefined ? {} : { endpoint });
    this.environment = environment;
    this.now = now;
    this.sfn = new SFNClient({ ...settings, ...at(endpoints?.sfn) });
    const dynamodb = new DynamoDBClient({ ...settings, ...at(endpoints?.dynamodb) });
    this.control = new ControlTable(DynamoDBDocumentClient.from(dynamodb), controlTableName(environment));
  }

  /** Starts the deployed code. @returns ARN of the execution */
  startMigration(input: MigrationInput): Promise<string> {
    return this.request(async () => this.start(await this.newest('Migration'), input.migration, input));
  }

  /** Starts the code that the migration records. @returns ARN of the execution */
  resumeMigration({ migration, code }: Pick<MigrationRecord, 'migration' | 'code'>): Promise<string> {
    return this.request(async () => {
      const version = await this.findVersion('Migration', (candidate) => candidate.code === code);
      if (version === null)
        throw new CommandFailed(
          `no version of ${stateMachineName(this.environment, 'Migration')} has code version ${code}, which migration ${migration} runs: it was deleted. ` +
            `Deploy the revision of the project that has it, and resume; or move the migration to the deployed code: npx sluice upgrade ${migration} --env ${this.environment}`,
        );
      return this.start(version, migration, { migration });
    });
  }

  /** Starts the deployed code: an abort understands what every earlier version left. @returns ARN of the execution */
  startAbort(input: AbortInput): Promise<string> {
    return this.request(async () =>
      this.start(await this.newest('Abort'), `${input.migration}-abort`, input),
    );
  }

  /** Code version of the last deployment. */
  deployedCode(): Promise<string> {
    return this.request(async () => (await this.newest('Migration')).code ?? 'unknown');
  }

  /** The state that Step Functions reports, which may be stale. Null if it does not know the execution. */
  async describe(executionArn: string): Promise<ExecutionState | null> {
    return this.request(async () => {
      try {
        const found = await this.sfn.send(new DescribeExecutionCommand({ executionArn }));
        if (found.status === undefined) throw new Error(`execution ${executionArn} has no status`);
        const { status, output = null, error = null, cause = null } = found;
        return { status, output, error, cause };
      } catch (error) {
        if (error instanceof Error && error.name === 'ExecutionDoesNotExist') return null;
        throw error;
      }
    });
  }

  /** Events of the execution itself, without those of its map runs' children; oldest first. */
  history(executionArn: string): Promise<HistoryEvent[]> {
    return this.request(async () => {
      const events: HistoryEvent[] = [];
      const request = { executionArn, includeExecutionData: false, maxResults: 1000 };
      for await (const page of paginateGetExecutionHistory({ client: this.sfn }, request)) {
        events.push(...(page.events ?? []));
      }
      return events;
    });
  }

  /** Null if the migration was never started. */
  report(migration: string): Promise<MigrationReport | null> {
    return this.request(() => this.control.report(migration));
  }

  /** Changes live settings of the running generation. @throws CommandFailed with every reason to refuse them */
  changeSettings(migration: string, requested: RequestedSettings): Promise<readonly SettingChange[]> {
    return this.request(() => changeSettings(this.control, migration, requested));
  }

  private async start(version: MachineVersion, label: string, input: object): Promise<string> {
    const name = this.executionName(label);
    const started = await this.sfn.send(
      new StartExecutionCommand({ stateMachineArn: version.arn, name, input: JSON.stringify(input) }),
    );
    if (started.executionArn === undefined) throw new Error(`execution ${name} has no ARN`);
    return started.executionArn;
  }

  private async newest(machine: MachineName): Promise<MachineVersion> {
    const version = await this.findVersion(machine, () => true);
    if (version !== null) return version;
    throw new CommandFailed(
      `state machine ${stateMachineName(this.environment, machine)} has no published version: an earlier version of Sluice deployed it, or all of them were deleted. Deploy it again (npx cdk deploy -c env=${this.environment}).`,
    );
  }

  /** The newest version that is wanted, or null. */
  private async findVersion(
    machine: MachineName,
    isWanted: (version: MachineVersion) => boolean,
  ): Promise<MachineVersion | null> {
    for await (const version of versionsOf(this.sfn, await this.findMachine(machine)))
      if (isWanted(version)) return version;
    return null;
  }

  /** E.g. `orders-20260131T120000Z-3f9a1c`: at most 80 characters, because a migration's name has at most 40. */
  private executionName(label: string): string {
    const at = new Date(this.now()).toISOString().replace(/[-:]|\.\d+/g, '');
    return `${label}-${at}-${randomBytes(3).toString('hex')}`;
  }

  private async findMachine(machine: MachineName): Promise<string> {
    const wanted = stateMachineName(this.environment, machine);
    for await (const page of paginateListStateMachines({ client: this.sfn }, { maxResults: 1000 })) {
      const found = page.stateMachines?.find(({ name }) => name === wanted);
      if (found?.stateMachineArn !== undefined) return found.stateMachineArn;
    }
    const region = await this.sfn.config.region();
    throw new CommandFailed(
      `there is no state machine ${wanted} in ${region}: stack ${stackName(this.environment)} is not deployed there. ` +
        `Deploy it (npx cdk deploy -c env=${this.environment}), or choose another environment with --env or another region with AWS_REGION.`,
    );
  }

  private async request<T>(send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (error) {
      // Sluice's own errors say what to do.
      if (error instanceof SluiceError) throw new CommandFailed(error.message, { cause: error });
      throw explainAwsError(error, this.environment);
    }
  }
}
