import type { AccessControl } from './access-control';
import { systemClock, type Clock } from './clock';
import type { MachineState } from './deployed-machine';
import { Engine, type Counters } from './engine';
import type { HistoryEvent } from './history';
import { LIMITS } from './limits';
import { statusOf, type ExecutionRecord, type ExecutionStatus, type Outcome } from './records';
import type { StatesAll } from './retry-catch';
import { serve } from './service/server';
import { FileStore, memoryStore } from './store';
import type { TaskRunner } from './task-runner';
import { createUuidGenerator } from './uuid';

export type { AccessControl } from './access-control';
export type { Clock } from './clock';
export type { MachineAlias, MachineRevision, MachineState, MachineVersion } from './deployed-machine';
export type { Counters } from './engine';
export { InvalidDefinitionError } from './errors';
export type { HistoryEvent } from './history';
export type { ExecutionRecord, ExecutionStatus, Outcome } from './records';
export type { StatesAll } from './retry-catch';
export { ServiceError } from './service/service-error';
export type { LambdaResult, TaskCaller, TaskRunner } from './task-runner';

export interface StepFunctionsOptions {
  /** Port on 127.0.0.1. @default 0, any free port */
  readonly port?: number;
  readonly region: string;
  readonly account: string;
  readonly runTask: TaskRunner;
  /** Authorizes API requests and calls of executions. @default everything is allowed */
  readonly accessControl?: AccessControl;
  /** Directory that keeps executions across restarts. @default executions are not kept */
  readonly stateDirectory?: string;
  /** @default the system clock */
  readonly clock?: Clock;
  /** 0 ≤ x < 1; for jitter, execution names and States.UUID. @default unpredictable */
  readonly random?: () => number;
  /** How long DescribeExecution and ListExecutions still return the previous status after a change. @default 0 */
  readonly describeLagMs?: number;
  /** How long a Map Run continues after its parent was stopped, failed or timed out. @default 0 */
  readonly mapRunLagMs?: number;
  /** Called when an execution, or a child of a Map Run, has started, was redriven or has closed. */
  readonly onStatus?: ((record: ExecutionRecord) => void) | undefined;
  /** Maximum number of children that one Map Run starts per second. @default 100, as AWS for Standard children */
  readonly childrenPerSecondMax?: number;
  /** Whether `States.ALL` matches States.DataLimitExceeded: as recorded on AWS it does, as documented it does not. @default 'recorded' */
  readonly statesAll?: StatesAll | undefined;
}

export interface StepFunctions {
  /** Endpoint for SDK clients (`AWS_ENDPOINT_URL_SFN`). */
  readonly url: string;
  /**
   * Creates a state machine. Idempotent for the same name and definition. With access control, `roleArn` must be a role
   * that the machine may have.
   * Throws InvalidDefinitionError with every problem, or a ServiceError (InvalidName, StateMachineAlreadyExists).
   */
  createStateMachine(machine: { name: string; definition: string | object; roleArn?: string }): {
    stateMachineArn: string;
  };
  /** Lists why `deploy` would fail. */
  deploymentProblems(machines: readonly MachineState[]): string[];
  /**
   * Makes these the machines of the deployment, with their versions and aliases. Running executions keep the revision that
   * they were started with. A machine that is no longer among them is deleted.
   */
  deploy(machines: readonly MachineState[]): void;
  /** Starts an execution in process, throttled as in the API. `input` is any JSON value. Throws ServiceError. */
  startExecution(start: { stateMachineArn: string; name?: string; input?: unknown }): {
    executionArn: string;
  };
  /** Resolves when the execution has closed, without `describeLagMs`. Throws ServiceError (ExecutionDoesNotExist). */
  settled(executionArn: string): Promise<Outcome>;
  /** Returns the current status, without `describeLagMs`. Throws ServiceError (ExecutionDoesNotExist). */
  inspect(executionArn: string): {
    status: ExecutionStatus;
    outcome?: Outcome;
    events: readonly HistoryEvent[];
  };
  counters(): Counters;
  /** Stops the engine. The next engine on the same state directory reports running executions as ABORTED. */
  close(): Promise<void>;
}

/** Starts an engine for Standard workflows in JSONPath. See packages/local-aws/docs/feature-support.md. */
export async function startStepFunctions(options: StepFunctionsOptions): Promise<StepFunctions> {
  const { region, account, runTask, stateDirectory, clock = systemClock, random = Math.random } = options;
  const newUuid = createUuidGenerator(options.random);
  const engine = new Engine({
    region,
    account,
    runTask,
    accessControl: options.accessControl,
    clock,
    random,
    newUuid,
    childrenPerSecondMax: options.childrenPerSecondMax ?? LIMITS.childrenPerSecondMax,
    statesAll: options.statesAll ?? 'recorded',
    mapRunLagMs: options.mapRunLagMs ?? 0,
    onStatus: options.onStatus,
    store: stateDirectory === undefined ? memoryStore : new FileStore(stateDirectory),
  });
  const context = { engine, clock, describeLagMs: options.describeLagMs ?? 0 };
  // Request ids do not come from `random`, so that requests do not change what a seed replays.
  const server = await serve(
    options.port ?? 0,
    context,
    createUuidGenerator(undefined),
    options.accessControl,
  );
  const { registry } = engine;
  return {
    url: server.url,
    createStateMachine({ name, definition, roleArn = `arn:aws:iam::${account}:role/${name}` }) {
      const { stateMachineArn } = engine.machines.create(name, definition, roleArn);
      return { stateMachineArn };
    },
    deploymentProblems: (machines) => engine.machines.deploymentProblems(machines),
    deploy: (machines) => engine.deploy(machines),
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
