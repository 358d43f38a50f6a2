import type { Arns } from './arns';
import { toText } from './json';
import { qualifiedMachineName } from './arns';
import type { Clock } from './clock';
import type { Execution, Thread } from './execution';
import type { Executions } from './executions';
import type { Json } from './json';
import { LIMITS } from './limits';
import { MapRun, createCounts, RateLimiter } from './map-run';
import type { MapRunRecord, Outcome } from './records';
import { determineRedrivability } from './redrive';
import type { Registry } from './registry';
import { ServiceError } from './service/service-error';
import type { MapRunHandle, MapRunStart } from './map-run-handle';

export interface MapRunsOptions {
  readonly arns: Arns;
  readonly clock: Clock;
  readonly newUuid: () => string;
  readonly childrenPerSecondMax: number;
  /** How long a Map Run continues after its parent execution has ended. */
  readonly mapRunLagMs: number;
  readonly registry: Registry;
  readonly executions: Executions;
}

export interface MapRunSettings {
  readonly maxConcurrency?: number | undefined;
  readonly toleratedFailureCount?: number | undefined;
  readonly toleratedFailurePercentage?: number | undefined;
}

/** Starts and updates the Map Runs since the engine was started. */
export class MapRuns {
  private readonly runs = new Map<string, MapRun>();

  constructor(private readonly options: MapRunsOptions) {}

  start(parent: Thread, start: MapRunStart): MapRunHandle {
    const { arns, clock, newUuid, registry, childrenPerSecondMax, mapRunLagMs } = this.options;
    const { executionArn, stateMachineArn: parentMachineArn } = parent.execution.record;
    const machineName = qualifiedMachineName(parentMachineArn).split('/')[0] ?? '';
    const label = start.label ?? newUuid();
    const record: MapRunRecord = {
      mapRunArn: arns.mapRun(machineName, label, newUuid()),
      executionArn,
      stateMachineArn: `${arns.stateMachine(machineName)}/${label}`,
      startMs: clock.nowMs(),
      sequence: registry.nextSequence(),
      maxConcurrency: start.maxConcurrency,
      toleratedFailureCount: start.toleratedFailureCount ?? 0,
      toleratedFailurePercentage: start.toleratedFailurePercentage ?? 0,
      status: 'RUNNING',
      itemCounts: createCounts(start.children.reduce((sum, { itemCount }) => sum + itemCount, 0)),
      executionCounts: createCounts(start.children.length),
    };
    const { mapRunArn } = record;
    const started = ['mapRunStartedEventDetails', { mapRunArn }] as const;
    parent.previousEventId = parent.execution.add('MapRunStarted', parent.previousEventId, started);
    registry.addMapRun(record);
    const run = new MapRun(record, start, clock, new RateLimiter(childrenPerSecondMax), mapRunLagMs, {
      startChild: (input, itemCount) => this.startChild(parent, start, record, input, itemCount),
      redriveChild: (arn) => this.redriveChild(arn),
      setPending: (arn, pending) => void (registry.execution(arn).pendingRedrive = pending),
      onClose: () => registry.saveMapRun(record),
    });
    this.runs.set(mapRunArn, run);
    return run;
  }

  /** Throws ResourceNotFound, InvalidArn, ValidationException. */
  update(mapRunArn: string, settings: MapRunSettings): void {
    const { status } = this.options.registry.mapRun(mapRunArn);
    const run = this.runs.get(mapRunArn);
    if (status !== 'RUNNING' || !run) {
      throw new ServiceError(
        'ValidationException',
        `Map Run ${mapRunArn} is ${status}; only a running Map Run can be updated`,
      );
    }
    run.update({
      ...settings,
      ...(settings.maxConcurrency === undefined
        ? {}
        : {
            maxConcurrency: Math.min(settings.maxConcurrency || Infinity, LIMITS.distributedConcurrencyMax),
          }),
    });
    this.options.registry.saveMapRun(run.record);
  }

  private startChild(
    parent: Thread,
    start: MapRunStart,
    { stateMachineArn, mapRunArn }: MapRunRecord,
    input: Json,
    itemCount: number,
  ): Execution {
    const { executions, newUuid } = this.options;
    const plan = executions.plan(parent.execution.record.executionArn);
    if (!plan) throw new Error(`${mapRunArn} has a parent without a plan`);
    const { stateMachineName, revision } = plan;
    return executions.start({
      stateMachineName,
      revision,
      stateMachineArn,
      name: newUuid(),
      inputText: toText(input),
      body: { StartAt: start.processor['StartAt'] ?? '', States: start.processor['States'] ?? {} },
      mapRunArn,
      itemCount,
    });
  }

  /** Redrives a child. Returns its final status if it cannot be redriven. */
  private redriveChild(executionArn: string): Execution | Outcome['status'] {
    const { clock, executions, registry } = this.options;
    const record = registry.execution(executionArn);
    const context = { nowMs: clock.nowMs(), deleting: false, hasPlan: true };
    const { status } = determineRedrivability(record, context);
    if (status === 'REDRIVABLE_BY_MAP_RUN') return executions.redrive(executionArn);
    return record.outcome?.status ?? 'ABORTED';
  }
}
