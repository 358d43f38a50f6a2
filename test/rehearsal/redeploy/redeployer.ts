/** Redeploys other code, and stops, resumes and upgrades a migration, while a rehearsal watches it. */
import { ListExecutionsCommand, SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Operator as DeployedOperator } from '../../../src/cli/operator';
import { stateMachineName } from '../../../src/contract/names';
import { ENVIRONMENT, type OpenRehearsal } from '../../../src/rehearsal/rehearse';
import type { ExecutionState, JournalEntry, Operator } from '../../../src/rehearsal/rehearse/ports';

export type Action = 'redeploy' | 'stop and resume' | 'upgrade';

export interface RedeployerOptions {
  /** Assemblies of the two codes; the first is deployed. */
  readonly assemblies: readonly [string, string];
  readonly migration: string;
  /** Chooses the next action. */
  readonly next: () => { readonly action: Action; readonly afterMs: number };
}

export interface StartedExecution {
  readonly machine: 'Migration' | 'Sync';
  readonly status: string | undefined;
  /** ARN of the version that it was started with; undefined if it was started without one. */
  readonly versionArn: string | undefined;
}

const POLL_MS = 200;

/** The operator of a rehearsal: it reports the execution that owns the migration now, whatever the actions replaced. */
export class Redeployer implements Operator {
  readonly done: Action[] = [];
  /** Upgrades that were refused, because a cutover had started meanwhile. */
  refusedUpgrades = 0;
  /** Milliseconds of each redeploy. */
  readonly redeployMs: number[] = [];
  /** Entries of the journal, by time and event. */
  readonly journal = new Map<string, JournalEntry>();
  /** Known when the migration has ended. */
  executions: readonly StartedExecution[] = [];
  private deployed = 0;
  private current = '';
  private busy = false;
  private ended = false;
  private failure: Error | null = null;
  private acting: Promise<void> = Promise.resolve();

  constructor(
    private readonly operator: DeployedOperator,
    private readonly rehearsal: OpenRehearsal,
    private readonly options: RedeployerOptions,
  ) {}

  async startMigration(input: { readonly migration: string }): Promise<string> {
    this.current = await this.operator.startMigration(input);
    this.acting = this.act().catch(
      (error: unknown) => void (this.failure = error instanceof Error ? error : new Error(String(error))),
    );
    return this.current;
  }

  resumeMigration(): Promise<string> {
    return Promise.reject(new Error('a rehearsal of redeploys starts its migration once'));
  }

  startAbort(input: Parameters<Operator['startAbort']>[0]): Promise<string> {
    return this.operator.startAbort(input);
  }

  changeSettings(...request: Parameters<Operator['changeSettings']>): ReturnType<Operator['changeSettings']> {
    return this.operator.changeSettings(...request);
  }

  /** @throws the error of an action */
  async describe(): Promise<ExecutionState | null> {
    const execution = this.current;
    const state = await this.operator.describe(execution);
    if (this.failure !== null) throw this.failure;
    const isReplaced = this.busy || execution !== this.current;
    if (isReplaced && state?.status !== 'SUCCEEDED') return { status: 'RUNNING', error: null, cause: null };
    if (state !== null && state.status !== 'RUNNING') {
      this.ended = true;
      await this.acting;
      this.executions = await this.listExecutions();
    }
    return state;
  }

  history(): ReturnType<Operator['history']> {
    return this.operator.history(this.current);
  }

  async report(migration: string): ReturnType<Operator['report']> {
    const report = await this.operator.report(migration);
    for (const entry of report?.journal ?? []) this.journal.set(`${entry.at} ${entry.event}`, entry);
    return report;
  }

  private async act(): Promise<void> {
    for (;;) {
      const { action, afterMs } = this.options.next();
      for (let waitedMs = 0; waitedMs < afterMs && !this.ended; waitedMs += POLL_MS) await sleep(POLL_MS);
      if (this.ended) return;
      if (await this.perform(action)) this.done.push(action);
    }
  }

  /** @returns whether the action was possible at this moment */
  private perform(action: Action): Promise<boolean> {
    switch (action) {
      case 'redeploy':
        return this.redeploy();
      case 'stop and resume':
        return this.replacing(() => this.stopAndResume());
      case 'upgrade':
        return this.replacing(() => this.upgrade());
    }
  }

  private async redeploy(): Promise<boolean> {
    this.deployed = 1 - this.deployed;
    const startedAt = Date.now();
    await this.rehearsal.engine.deploy(this.options.assemblies[this.deployed]!);
    this.redeployMs.push(Date.now() - startedAt);
    return true;
  }

  private async replacing(replace: () => Promise<boolean>): Promise<boolean> {
    this.busy = true;
    try {
      return await replace();
    } finally {
      this.busy = false;
    }
  }

  private async stopAndResume(): Promise<boolean> {
    const { migration } = this.options;
    const before = await this.operator.report(migration);
    // Under a fence, a resume that comes too late would end the generation.
    if (before?.record.status !== 'running' || before.record.writes !== 'source') return false;
    await this.stop(this.current);
    const record = (await this.operator.report(migration))!.record;
    if (record.status === 'done') return false;
    this.current = await this.operator.resumeMigration(record);
    return true;
  }

  private async upgrade(): Promise<boolean> {
    const { migration } = this.options;
    const record = (await this.operator.report(migration))?.record;
    if (record?.status !== 'running' || record.writes !== 'source') return false;
    if (record.code === (await this.operator.deployedCode())) return false;
    const execution = await this.operator.startMigration({ migration, code: 'deployed' });
    for (;;) {
      const now = (await this.operator.report(migration))!.record;
      if (now.execution === execution || now.code !== record.code) break;
      const state = await this.operator.describe(execution);
      if (state !== null && state.status !== 'RUNNING') {
        this.refusedUpgrades += 1;
        return false;
      }
      await sleep(POLL_MS);
    }
    this.current = execution;
    return true;
  }

  private async stop(executionArn: string): Promise<void> {
    await this.withStepFunctions((sfn) =>
      sfn.send(new StopExecutionCommand({ executionArn, error: 'Stopped', cause: 'a test' })),
    );
    while ((await this.operator.describe(executionArn))?.status === 'RUNNING') await sleep(POLL_MS);
  }

  private listExecutions(): Promise<readonly StartedExecution[]> {
    const { region, account } = this.rehearsal.engine.assembly;
    return this.withStepFunctions(async (sfn) => {
      const found: StartedExecution[] = [];
      for (const machine of ['Migration', 'Sync'] as const) {
        const stateMachineArn = `arn:aws:states:${region}:${account}:stateMachine:${stateMachineName(ENVIRONMENT, machine)}`;
        const { executions = [] } = await sfn.send(
          new ListExecutionsCommand({ stateMachineArn, maxResults: 1_000 }),
        );
        for (const { status, stateMachineVersionArn: versionArn } of executions)
          found.push({ machine, status, versionArn });
      }
      return found;
    });
  }

  private async withStepFunctions<T>(use: (sfn: SFNClient) => Promise<T>): Promise<T> {
    const { environment } = this.rehearsal.engine;
    const sfn = new SFNClient({
      endpoint: environment['AWS_ENDPOINT_URL_SFN']!,
      region: environment['AWS_REGION']!,
      credentials: {
        accessKeyId: environment['AWS_ACCESS_KEY_ID']!,
        secretAccessKey: environment['AWS_SECRET_ACCESS_KEY']!,
      },
    });
    return use(sfn).finally(() => sfn.destroy());
  }
}
