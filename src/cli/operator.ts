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
import type { MigrationReport } from '../core/ledger';
import { explainAwsError } from './aws-failures';
import { CommandFailed } from './failures';

export interface ExecutionState {
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'PENDING_REDRIVE';
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

  /** @returns ARN of the execution */
  startMigration(input: MigrationInput): Promise<string> {
    return this.start('Migration', input.migration, input);
  }

  /** @returns ARN of the execution */
  startAbort(input: AbortInput): Promise<string> {
    return this.start('Abort', `${input.migration}-abort`, input);
  }

  /** The state that Step Functions reports, which may be stale. Null if it does not know the execution. */
  async describe(executionArn: string): Promise<ExecutionState | null> {
    return this.request(async () => {
      try {
        const found = await this.sfn.send(new DescribeExecutionCommand({ executionArn }));
        if (found.status === undefined) throw new Error(`execution ${executionArn} has no status`);
        return { status: found.status, error: found.error ?? null, cause: found.cause ?? null };
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

  private start(machine: MachineName, label: string, input: object): Promise<string> {
    return this.request(async () => {
      const stateMachineArn = await this.findMachine(machine);
      const name = this.executionName(label);
      const started = await this.sfn.send(
        new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }),
      );
      if (started.executionArn === undefined) throw new Error(`execution ${name} has no ARN`);
      return started.executionArn;
    });
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
      throw explainAwsError(error, this.environment);
    }
  }
}
