import type { AccessControl } from './access-control';
import { systemClock, type Clock } from './clock';
import { Engine, type Counters } from './engine';
import type { HistoryEvent } from './history';
import { LIMITS } from './limits';
import { statusOf, type ExecutionRecord, type ExecutionStatus, type Outcome } from './records';
import { serve } from './service/server';
import { FileStore, memoryStore } from './store';
import type { TaskRunner } from './task-runner';
import { uuidsFrom } from './uuid';

export type { AccessControl } from './access-control';
export type { Clock } from './clock';
export type { Counters } from './engine';
export { InvalidDefinitionError } from './errors';
export type { HistoryEvent } from './history';
export type { ExecutionRecord, ExecutionStatus, Outcome } from './records';
export { ServiceError } from './service/service-error';
export type { LambdaResult, TaskCaller, TaskRunner } from './task-runner';

export interface StepFunctionsOptions {
  /** Port on 127.0.0.1. @default 0, any free port */
  readonly port?: number;
  readonly region: string;
  readonly account: string;
  readonly runTask: TaskRunner;
  /** Who may do what. @default everybody may do everything */
  readonly accessControl?: AccessControl;
  /** Where executions are kept over restarts. @default they are not kept */
  readonly stateDirectory?: string;
  /** @default the system's */
  readonly clock?: Clock;
  /** 0 ≤ x < 1; for jitter, execution names and States.UUID. @default unpredictable */
  readonly random?: () => number;
  /** How long a status change stays unseen by DescribeExecution and ListExecutions. @default 0 */
  readonly describeLagMs?: number;
  /** How long a Map Run and its children go on after their parent was stopped, failed or timed out. @default 0 */
  readonly mapRunLagMs?: number;
  /** Told when an execution has started, was redriven or has closed, children of Map Runs too. */
  readonly onStatus?: ((record: ExecutionRecord) => void) | undefined;
  /** Children that one Map Run starts per second. @default 100, as AWS does for Standard children */
  readonly childrenPerSecondMax?: number;
}

export interface StepFunctions {
  /** Endpoint for SDK clients (`AWS_ENDPOINT_URL_SFN`). */
  readonly url: string;
  /**
   * Registers a state machine. The same name with the same definition is harmless.
   * Throws InvalidDefinitionError with every problem, or a ServiceError (InvalidName, StateMachineAlreadyExists).
   */
  createStateMachine(machine: { name: string; definition: string | object; roleArn?: string }): {
    stateMachineArn: string;
  };
  /** As the API's StartExecution, in process, throttled too. `input` is any JSON value. Throws ServiceError. */
  startExecution(start: { stateMachineArn: string; name?: string; input?: unknown }): {
    executionArn: string;
  };
  /** Resolves when the execution has closed; not subject to the lag. Throws ServiceError (ExecutionDoesNotExist). */
  settled(executionArn: string): Promise<Outcome>;
  /** The present truth about an execution, not subject to the lag. Throws ServiceError (ExecutionDoesNotExist). */
  inspect(executionArn: string): {
    status: ExecutionStatus;
    outcome?: Outcome;
    events: readonly HistoryEvent[];
  };
  counters(): Counters;
  /** Stops serving and running. What ran is shown as ABORTED by the next engine on the same state directory. */
  close(): Promise<void>;
}

/** Starts a Step Functions engine for Standard workflows in JSONPath. See packages/local-aws/docs/feature-support.md. */
export async function startStepFunctions(options: StepFunctionsOptions): Promise<StepFunctions> {
  const { region, account, runTask, stateDirectory, clock = systemClock, random = Math.random } = options;
  const newUuid = uuidsFrom(options.random);
  const engine = new Engine({
    region,
    account,
    runTask,
    accessControl: options.accessControl,
    clock,
    random,
    newUuid,
    childrenPerSecondMax: options.childrenPerSecondMax ?? LIMITS.childrenPerSecondMax,
    mapRunLagMs: options.mapRunLagMs ?? 0,
    onStatus: options.onStatus,
    store: stateDirectory === undefined ? memoryStore : new FileStore(stateDirectory),
  });
  const context = { engine, clock, describeLagMs: options.describeLagMs ?? 0 };
  // Request ids are no part of what a seed replays.
  const server = await serve(options.port ?? 0, context, uuidsFrom(undefined), options.accessControl);
  const { registry } = engine;
  return {
    url: server.url,
    createStateMachine({ name, definition, roleArn = `arn:aws:iam::${account}:role/${name}` }) {
      const { stateMachineArn } = engine.machines.create(name, definition, roleArn);
      return { stateMachineArn };
    },
    startExecution({ stateMachineArn, name, input = {} }) {
      const { record } = engine.startExecution(stateMachineArn, name, JSON.stringify(input));
      return { executionArn: record.executionArn };
    },
    async settled(executionArn) {
      const { outcome } = registry.execution(executionArn);
      if (outcome) return outcome;
      const running = registry.running.get(executionArn);
      if (!running) throw new Error(`${executionArn} is neither closed nor running; the engine was closed`);
      return running.settled;
    },
    inspect(executionArn) {
      const record = registry.execution(executionArn);
      const { outcome, events } = record;
      return { status: statusOf(record), events, ...(outcome ? { outcome } : {}) };
    },
    counters: () => ({ ...engine.counters }),
    async close() {
      await server.close();
      engine.close();
    },
  };
}
