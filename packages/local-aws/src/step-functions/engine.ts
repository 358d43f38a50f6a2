import { Arns } from './arns';
import type { MachineState } from './deployed-machine';
import type { Clock } from './clock';
import { Halted } from './errors';
import type { Execution } from './execution';
import { Executions, type Plan } from './executions';
import type { FlowServices } from './flow';
import type { AccessControl } from './access-control';
import { runStates } from './flow';
import { byteLength } from './json';
import { parseData } from './json-text';
import { LIMITS } from './limits';
import { MapRuns, type MapRunSettings } from './map-runs';
import { requireName } from './names';
import type { ExecutionRecord } from './records';
import { determineRedrivability, RedriveTokens, type Redrivability } from './redrive';
import { Registry } from './registry';
import type { StatesAll } from './retry-catch';
import { ServiceError } from './service/service-error';
import { Throttles } from './service/throttles';
import { StateMachines, type StateMachine } from './state-machines';
import type { Store } from './store';
import type { TaskRunner } from './task-runner';
import { TaskTokens } from './task-tokens';

export interface EngineOptions {
  readonly region: string;
  readonly account: string;
  readonly runTask: TaskRunner;
  readonly accessControl?: AccessControl | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly newUuid: () => string;
  readonly childrenPerSecondMax: number;
  readonly statesAll: StatesAll;
  /** How long a Map Run continues after its parent execution has ended. */
  readonly mapRunLagMs: number;
  readonly onStatus?: ((record: ExecutionRecord) => void) | undefined;
  readonly store: Store;
}

export interface Counters {
  /** Billed transitions: states entered, retries and redrives, including those of child workflow executions. */
  stateTransitions: number;
  /** Executions started, including child workflow executions. */
  executions: number;
  mapRuns: number;
}

/** Runs executions and keeps their records in its registry. */
export class Engine {
  readonly counters: Counters = { stateTransitions: 0, executions: 0, mapRuns: 0 };
  readonly registry: Registry;
  readonly machines: StateMachines;
  readonly tokens: TaskTokens;
  readonly throttles: Throttles;
  private readonly arns: Arns;
  private readonly executions: Executions;
  private readonly mapRuns: MapRuns;
  private readonly redriveTokens = new RedriveTokens();

  constructor(private readonly options: EngineOptions) {
    const { region, account, store, clock, newUuid } = options;
    const arns = new Arns(region, account);
    this.arns = arns;
    const registry = new Registry(store, clock);
    this.registry = registry;
    this.throttles = new Throttles(region, clock);
    this.machines = new StateMachines(arns, clock, newUuid, options.accessControl);
    this.tokens = new TaskTokens(clock, newUuid, region, account);
    const services = this.services();
    this.executions = new Executions({
      arns,
      clock,
      registry,
      runStates: (thread, body, input) => runStates(services, thread, body, input),
      onStart: () => void (this.counters.executions += 1),
      onClose: (record) => this.removeIfDeleting(record),
      onStatus: (record) => options.onStatus?.(record),
    });
    this.mapRuns = new MapRuns({ ...options, arns, registry, executions: this.executions });
  }

  /**
   * Starts an execution of the latest revision, or of a version or alias; idempotent by name while an execution runs with the same input. Starts by clients, states and
   * rules share one token bucket. Child workflow executions are not throttled, because the service starts them.
   * @param input JSON text
   * @throws ServiceError, e.g. ThrottlingException
   */
  startExecution(stateMachineArn: string, givenName: string | undefined, input: string): Execution {
    this.throttles.takeToken('StartExecution');
    const { machine, revision, versionArn, aliasArn } = this.machines.resolveActive(stateMachineArn);
    const name = givenName ?? this.options.newUuid();
    requireName(name);
    requireInput(input);
    const executionArn = this.arns.execution(machine.name, name);
    const known = this.registry.find(executionArn);
    const running = this.registry.running.get(executionArn);
    if (running && known?.input === input) return running;
    if (known)
      throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${executionArn}'`);
    return this.executions.start({
      stateMachineName: machine.name,
      revision,
      body: revision.body,
      stateMachineArn: machine.stateMachineArn,
      stateMachineVersionArn: versionArn,
      stateMachineAliasArn: aliasArn,
      name,
      inputText: input,
    });
  }

  /** Aborts the execution and the children of its Map Runs. Lambda invocations in flight continue. */
  stopExecution(
    executionArn: string,
    error: string | undefined,
    cause: string | undefined,
  ): { stopMs: number } {
    const { outcome } = this.registry.execution(executionArn);
    if (outcome) return outcome;
    const running = this.registry.running.get(executionArn);
    running?.close({ status: 'ABORTED', error, cause });
    return { stopMs: running?.record.outcome?.stopMs ?? this.options.clock.nowMs() };
  }

  /** Deletes the state machine once its executions have ended. Each ends at its next transition. */
  deleteStateMachine(arn: string): void {
    const machine = this.machines.startDeleting(arn);
    if (!machine) return;
    const running = this.runningOf(machine);
    for (const execution of running) execution.terminate();
    if (running.length === 0) this.machines.remove(machine.stateMachineArn);
  }

  /** Makes these the machines of the deployment. Machines that it no longer has are deleted as by DeleteStateMachine. */
  deploy(states: readonly MachineState[]): void {
    for (const arn of this.machines.deploy(states)) this.deleteStateMachine(arn);
  }

  /** Returns what the execution runs. Throws ExecutionDoesNotExist. */
  requirePlan(executionArn: string): { record: ExecutionRecord; plan: Plan } {
    const record = this.registry.execution(executionArn);
    const plan = this.executions.plan(executionArn);
    if (plan) return { record, plan };
    throw new ServiceError(
      'ExecutionDoesNotExist',
      `The definition of '${executionArn}' is unknown: the execution started before the engine was restarted`,
    );
  }

  describeRedrivability(record: ExecutionRecord): Redrivability {
    const [machineArn = ''] = record.stateMachineArn.split('/');
    const deleting = this.machines.find(machineArn)?.status === 'DELETING';
    const hasPlan = this.executions.plan(record.executionArn) !== undefined;
    return determineRedrivability(record, { nowMs: this.options.clock.nowMs(), deleting, hasPlan });
  }

  /**
   * Continues an execution from the states that did not succeed. A repeated client token does not redrive it again.
   * Throws ExecutionDoesNotExist, ExecutionNotRedrivable.
   */
  redriveExecution(executionArn: string, clientToken: string | undefined): { redriveMs: number } {
    const record = this.registry.execution(executionArn);
    const nowMs = this.options.clock.nowMs();
    const repeated = this.redriveTokens.find(executionArn, clientToken, nowMs);
    if (repeated) return repeated;
    const { status, reason } = this.describeRedrivability(record);
    if (status !== 'REDRIVABLE') {
      const why = reason ?? 'It is a child workflow execution of a Map Run. Redrive its parent.';
      throw new ServiceError(
        'ExecutionNotRedrivable',
        `Execution '${executionArn}' is not redrivable: ${why}`,
      );
    }
    this.counters.stateTransitions += 1;
    this.executions.redrive(executionArn);
    this.redriveTokens.keep(executionArn, clientToken, nowMs);
    return { redriveMs: nowMs };
  }

  updateMapRun(mapRunArn: string, settings: MapRunSettings): void {
    this.mapRuns.update(mapRunArn, settings);
  }

  /** Halts all executions but leaves them RUNNING in the store, so that the next engine records them as ABORTED. */
  close(): void {
    this.registry.stopSaving();
    this.options.store.close();
    for (const execution of this.registry.running.values()) execution.scope.halt(new Halted());
  }

  private services(): FlowServices {
    const services: FlowServices = {
      ...this.options,
      tokens: this.tokens,
      countTransition: () => void (this.counters.stateTransitions += 1),
      runStates: (thread, processor, input) => runStates(services, thread, processor, input),
      startMapRun: (parent, start) => {
        this.counters.mapRuns += 1;
        return this.mapRuns.start(parent, start);
      },
      startExecution: (...start) => this.startExecution(...start).record,
      stopExecution: (...stop) => this.stopExecution(...stop),
      settled: async (executionArn) => {
        await this.registry.running.get(executionArn)?.settled;
        return this.registry.execution(executionArn);
      },
    };
    return services;
  }

  private runningOf({ stateMachineArn }: StateMachine): Execution[] {
    return [...this.registry.running.values()].filter(
      ({ record }) => record.stateMachineArn.split('/')[0] === stateMachineArn,
    );
  }

  private removeIfDeleting(record: ExecutionRecord): void {
    const [machineArn = ''] = record.stateMachineArn.split('/');
    const machine = this.machines.find(machineArn);
    if (machine?.status === 'DELETING' && this.runningOf(machine).length === 0) {
      this.machines.remove(machineArn);
    }
  }
}

function requireInput(input: string): void {
  if (byteLength(input) > LIMITS.dataBytesMax) {
    throw new ServiceError(
      'ValidationException',
      `The input has ${byteLength(input)} bytes; it must have length less than or equal to ${LIMITS.dataBytesMax}`,
    );
  }
  try {
    parseData(input);
  } catch (error) {
    const why = input.trim() === '' ? 'Invalid execution input.' : (error as Error).message;
    throw new ServiceError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${why}'`);
  }
}
