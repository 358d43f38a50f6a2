import { Arns, machineOf } from './arns';
import type { Clock } from './clock';
import { readDefinition } from './definition';
import { Halted, StateFailure } from './errors';
import { Execution, type Thread } from './execution';
import type { FlowServices } from './flow';
import type { AccessControl } from './access-control';
import { runStates } from './flow';
import { byteLength, type Json, type JsonObject } from './json';
import { LIMITS } from './limits';
import { MapRun, newCounts, Pace } from './map-run';
import { requireName } from './names';
import type { MapRunRecord } from './records';
import { Registry, type StateMachine } from './registry';
import { ServiceError } from './service/service-error';
import type { MapRunHandle, MapRunStart } from './state-kind';
import type { Store } from './store';
import type { TaskRunner } from './task-runner';

export interface EngineOptions {
  readonly region: string;
  readonly account: string;
  readonly runTask: TaskRunner;
  readonly accessControl?: AccessControl | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly newUuid: () => string;
  readonly childrenPerSecondMax: number;
  readonly store: Store;
}

export interface Counters {
  /** States entered and retried, in executions and the children of Map Runs. */
  stateTransitions: number;
  /** Started, including children of Map Runs. */
  executions: number;
  mapRuns: number;
}

interface Launch {
  readonly machine: StateMachine;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly inputText: string;
  readonly body: JsonObject;
  readonly mapRunArn?: string;
  readonly itemCount?: number;
}

/** Runs executions. What it knows of them is in its registry. */
export class Engine {
  readonly counters: Counters = { stateTransitions: 0, executions: 0, mapRuns: 0 };
  readonly registry: Registry;
  private readonly arns: Arns;
  private readonly services: FlowServices;

  constructor(private readonly options: EngineOptions) {
    const { region, account, store, clock } = options;
    this.arns = new Arns(region, account);
    this.registry = new Registry(store, clock);
    this.services = {
      ...options,
      countTransition: () => void (this.counters.stateTransitions += 1),
      runStates: (thread, processor, input) => runStates(this.services, thread, processor, input),
      startMapRun: (parent, start) => this.startMapRun(parent, start),
      startExecution: (...start) => this.startExecution(...start).record,
      stopExecution: (...stop) => this.stopExecution(...stop),
    };
  }

  createStateMachine(name: string, definition: string | object, roleArn: string): StateMachine {
    requireName(name);
    const text = typeof definition === 'string' ? definition : JSON.stringify(definition);
    const stateMachineArn = this.arns.stateMachine(name);
    const known = this.registry.stateMachines.get(stateMachineArn);
    if (known && known.definition === text && known.roleArn === roleArn) return known;
    if (known) {
      throw new ServiceError(
        'StateMachineAlreadyExists',
        `State Machine Already Exists: '${stateMachineArn}'`,
      );
    }
    const body = readDefinition(name, text);
    const machine = {
      stateMachineArn,
      name,
      definition: text,
      body,
      roleArn,
      creationMs: this.options.clock.nowMs(),
    };
    this.registry.stateMachines.set(stateMachineArn, machine);
    return machine;
  }

  /** Idempotent by name while the execution runs with the same input. `input` is JSON text. */
  startExecution(stateMachineArn: string, givenName: string | undefined, input: string): Execution {
    const machine = this.registry.stateMachine(stateMachineArn);
    const name = givenName ?? this.options.newUuid();
    requireName(name);
    requireInput(input);
    const executionArn = this.arns.execution(machine.name, name);
    const known = this.registry.executions.get(executionArn);
    const running = this.registry.running.get(executionArn);
    if (running && known?.input === input) return running;
    if (known)
      throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${executionArn}'`);
    return this.launch({ machine, stateMachineArn, name, inputText: input, body: machine.body });
  }

  /** Ends the execution and the children of its Map Runs. Lambdas in flight go on; nobody waits for them. */
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

  /** Ends everything that runs, leaving it RUNNING in the store: to be found as ABORTED by the next engine. */
  close(): void {
    this.registry.detach();
    this.options.store.close();
    for (const execution of this.registry.running.values()) execution.scope.halt(new Halted(0));
  }

  private launch(launch: Launch): Execution {
    const { machine, stateMachineArn, name, inputText, body } = launch;
    const { clock } = this.options;
    const record = {
      executionArn: this.arns.execution(machineOf(stateMachineArn), name),
      stateMachineArn,
      name,
      input: inputText,
      startMs: clock.nowMs(),
      sequence: this.registry.nextSequence(),
      ...(launch.mapRunArn === undefined ? {} : { mapRunArn: launch.mapRunArn }),
      ...(launch.itemCount === undefined ? {} : { itemCount: launch.itemCount }),
      events: [],
    };
    const hooks = this.registry.add(record);
    const input = JSON.parse(inputText) as Json;
    const execution = new Execution(record, machine.roleArn, machine.name, input, clock, hooks);
    this.registry.running.set(record.executionArn, execution);
    this.counters.executions += 1;
    void this.run(execution, body);
    const seconds = body['TimeoutSeconds'];
    if (typeof seconds === 'number') void this.closeAfter(execution, seconds);
    return execution;
  }

  private async run(execution: Execution, body: JsonObject): Promise<void> {
    const thread: Thread = { execution, scope: execution.scope, previousEventId: 0 };
    // The caller of StartExecution gets its answer before the first state runs.
    await Promise.resolve();
    try {
      const output = await runStates(this.services, thread, body, execution.input);
      execution.close({ status: 'SUCCEEDED', output: JSON.stringify(output) }, thread.previousEventId);
    } catch (error) {
      if (error instanceof Halted) return;
      const failure =
        error instanceof StateFailure
          ? { error: error.error, cause: error.causeText }
          : {
              error: 'States.Runtime',
              cause: `A defect of the engine: ${(error as Error).stack ?? String(error)}`,
            };
      execution.close({ status: 'FAILED', ...failure }, thread.previousEventId);
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

  private startMapRun(parent: Thread, start: MapRunStart): MapRunHandle {
    const { clock, newUuid, childrenPerSecondMax } = this.options;
    const { executionArn, stateMachineArn: parentMachineArn } = parent.execution.record;
    const parentMachine = machineOf(parentMachineArn).split('/')[0] ?? '';
    const machine = this.registry.stateMachine(this.arns.stateMachine(parentMachine));
    const label = start.label ?? newUuid();
    const stateMachineArn = `${machine.stateMachineArn}/${label}`;
    const record: MapRunRecord = {
      mapRunArn: this.arns.mapRun(machine.name, label, newUuid()),
      executionArn,
      stateMachineArn,
      startMs: clock.nowMs(),
      sequence: this.registry.nextSequence(),
      maxConcurrency: start.maxConcurrency,
      toleratedFailureCount: start.toleratedFailureCount ?? 0,
      toleratedFailurePercentage: start.toleratedFailurePercentage ?? 0,
      status: 'RUNNING',
      itemCounts: newCounts(start.children.reduce((sum, { itemCount }) => sum + itemCount, 0)),
      executionCounts: newCounts(start.children.length),
    };
    const { mapRunArn } = record;
    const started = ['mapRunStartedEventDetails', { mapRunArn }] as const;
    parent.previousEventId = parent.execution.add('MapRunStarted', parent.previousEventId, started);
    this.counters.mapRuns += 1;
    this.registry.addMapRun(record);
    return new MapRun(record, start, clock, new Pace(childrenPerSecondMax), {
      launch: (input, itemCount) =>
        this.launch({
          machine,
          stateMachineArn,
          name: newUuid(),
          inputText: JSON.stringify(input),
          body: { StartAt: start.processor['StartAt'] ?? '', States: start.processor['States'] ?? {} },
          mapRunArn,
          itemCount,
        }),
      onClose: () => this.registry.saveMapRun(record),
    });
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
    JSON.parse(input);
  } catch (error) {
    throw new ServiceError(
      'InvalidExecutionInput',
      `Invalid State Machine Execution Input: '${(error as Error).message}'`,
    );
  }
}
