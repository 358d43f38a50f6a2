import type { Arns } from './arns';
import { asNumber, readJson, toText } from './json';
import { qualifiedMachineName } from './arns';
import type { Clock } from './clock';
import { Halted, StateFailure } from './errors';
import { Execution, type Thread } from './execution';
import type { Json, JsonObject } from './json';
import { Progress } from './progress';
import type { ExecutionRecord } from './records';
import type { Registry } from './registry';
import type { Revision } from './revision';
import { Variables } from './variables';

/** The definition that an execution runs, and its progress. Kept after the execution has ended, for a redrive. */
export interface Plan {
  readonly stateMachineName: string;
  readonly revision: Revision;
  /** Holds `StartAt`, `States` and `TimeoutSeconds`; for a child workflow execution, those of the ItemProcessor. */
  readonly body: JsonObject;
  readonly progress: Progress;
}

export interface ExecutionStart extends Omit<Plan, 'progress'> {
  /** Qualified by the label for children of a Map Run. */
  readonly stateMachineArn: string;
  /** The version that was started, directly or through an alias. */
  readonly stateMachineVersionArn?: string | undefined;
  readonly stateMachineAliasArn?: string | undefined;
  readonly name: string;
  /** JSON text. */
  readonly inputText: string;
  readonly mapRunArn?: string;
  readonly itemCount?: number;
}

export interface ExecutionsOptions {
  readonly arns: Arns;
  readonly clock: Clock;
  readonly registry: Registry;
  runStates(thread: Thread, body: JsonObject, input: Json): Promise<Json>;
  onStart(): void;
  onClose(record: ExecutionRecord): void;
  /** Called when an execution has started, was redriven or has closed. */
  onStatus(record: ExecutionRecord): void;
}

/** Starts and redrives executions. */
export class Executions {
  private readonly plans = new Map<string, Plan>();

  constructor(private readonly options: ExecutionsOptions) {}

  /** Returns undefined if the execution started before the engine was restarted. */
  plan(executionArn: string): Plan | undefined {
    return this.plans.get(executionArn);
  }

  start(start: ExecutionStart): Execution {
    const { stateMachineArn, name, inputText, mapRunArn, itemCount, stateMachineName, revision, body } =
      start;
    const { stateMachineVersionArn, stateMachineAliasArn } = start;
    const { arns, clock, registry } = this.options;
    const record = {
      executionArn: arns.execution(qualifiedMachineName(stateMachineArn), name),
      stateMachineArn,
      name,
      input: inputText,
      startMs: clock.nowMs(),
      sequence: registry.nextSequence(),
      ...(stateMachineVersionArn === undefined ? {} : { stateMachineVersionArn }),
      ...(stateMachineAliasArn === undefined ? {} : { stateMachineAliasArn }),
      ...(mapRunArn === undefined ? {} : { mapRunArn }),
      ...(itemCount === undefined ? {} : { itemCount }),
      events: [],
    };
    registry.add(record);
    this.options.onStart();
    const plan = { stateMachineName, revision, body, progress: new Progress(Variables.outermost()) };
    this.plans.set(record.executionArn, plan);
    return this.run(record, plan);
  }

  /** Redrives an execution. The caller has checked that it is redrivable. */
  redrive(executionArn: string): Execution {
    const record = this.options.registry.reopen(executionArn);
    const plan = this.plans.get(executionArn);
    if (!plan) throw new Error(`${executionArn} has no plan`);
    return this.run(record, plan);
  }

  private run(record: ReturnType<Registry['reopen']>, plan: Plan): Execution {
    const { clock, registry } = this.options;
    const { executionArn } = record;
    const { stateMachineName, revision, body } = plan;
    const input = readJson(record.input);
    const execution = new Execution(record, revision.roleArn, stateMachineName, input, clock, {
      onEvent: (event) => registry.saveEvent(executionArn, event),
      onClose: (outcome) => {
        registry.close(executionArn, outcome);
        this.options.onClose(record);
        this.options.onStatus(record);
      },
    });
    registry.running.set(executionArn, execution);
    this.options.onStatus(record);
    void this.runToEnd(execution, plan);
    const seconds = asNumber(body['TimeoutSeconds']);
    if (seconds !== undefined) void this.closeAfter(execution, seconds);
    return execution;
  }

  private async runToEnd(execution: Execution, { body, progress }: Plan): Promise<void> {
    const { scope, firstEventId } = execution;
    const thread: Thread = { execution, scope, previousEventId: firstEventId, progress };
    // StartExecution returns before the first state runs.
    await Promise.resolve();
    try {
      const output = await this.options.runStates(thread, body, execution.input);
      execution.close({ status: 'SUCCEEDED', output: toText(output) }, thread.previousEventId);
    } catch (error) {
      if (error instanceof Halted) return;
      execution.close({ status: 'FAILED', ...failureOf(error) }, thread.previousEventId);
    }
  }

  private async closeAfter(execution: Execution, seconds: number): Promise<void> {
    try {
      await execution.scope.wait(this.options.clock, seconds * 1000);
      execution.close({ status: 'TIMED_OUT', error: 'States.Timeout' });
    } catch (error) {
      if (!(error instanceof Halted)) throw error;
    }
  }
}

function failureOf(error: unknown): { error: string | undefined; cause: string | undefined } {
  if (error instanceof StateFailure) return { error: error.error, cause: error.causeText };
  const cause = `Internal error of local-aws: ${(error as Error).stack ?? String(error)}`;
  return { error: 'States.Runtime', cause };
}
