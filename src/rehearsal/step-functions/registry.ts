import type { Clock } from './clock';
import type { Execution, ExecutionHooks } from './execution';
import { failureDetails, type HistoryEvent } from './history';
import type { JsonObject } from './json';
import { newCounts } from './map-run';
import type { ExecutionRecord, MapRunRecord, Outcome } from './records';
import { ServiceError } from './service/service-error';
import type { Store, StoredExecution } from './store';

export interface StateMachine {
  readonly stateMachineArn: string;
  readonly name: string;
  /** As it was given, JSON text. */
  readonly definition: string;
  readonly body: JsonObject;
  readonly roleArn: string;
  readonly creationMs: number;
}

const STOPPED = 'The engine stopped while the execution was running.';

/** Everything that the engine knows, of this and of earlier lives. */
export class Registry {
  readonly stateMachines = new Map<string, StateMachine>();
  readonly executions = new Map<string, ExecutionRecord>();
  readonly mapRuns = new Map<string, MapRunRecord>();
  readonly running = new Map<string, Execution>();
  private sequence = 0;
  private attached = true;

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
  ) {
    const stored = store.load();
    for (const record of stored.executions) this.adopt(record);
    for (const record of stored.mapRuns) this.adoptMapRun(record);
  }

  nextSequence(): number {
    return ++this.sequence;
  }

  stateMachine(arn: string): StateMachine {
    const found = this.stateMachines.get(requireArn(arn));
    if (found) return found;
    throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  }

  execution(arn: string): ExecutionRecord {
    const found = this.executions.get(requireArn(arn));
    if (found) return found;
    throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  }

  mapRun(arn: string): MapRunRecord {
    const found = this.mapRuns.get(requireArn(arn));
    if (found) return found;
    throw new ServiceError('ResourceNotFound', `Map Run Does Not Exist: '${arn}'`);
  }

  /** Returns what has to be told of the execution's course. */
  add(record: ExecutionRecord): ExecutionHooks {
    const { executionArn } = record;
    this.executions.set(executionArn, record);
    if (this.attached) this.store.append({ kind: 'execution', record: withoutCourse(record) });
    return {
      onEvent: (event) => this.saveEvent(executionArn, event),
      onClose: (outcome) => {
        this.running.delete(executionArn);
        this.saveClosed(executionArn, outcome);
      },
    };
  }

  addMapRun(record: MapRunRecord): void {
    this.mapRuns.set(record.mapRunArn, record);
    this.saveMapRun(record);
  }

  saveMapRun(record: MapRunRecord): void {
    if (this.attached) this.store.append({ kind: 'mapRun', record });
  }

  /** Nothing is saved from now on. */
  detach(): void {
    this.attached = false;
  }

  private saveEvent(executionArn: string, event: HistoryEvent): void {
    if (this.attached) this.store.append({ kind: 'event', executionArn, event });
  }

  private saveClosed(executionArn: string, outcome: Outcome): void {
    if (this.attached) this.store.append({ kind: 'closed', executionArn, outcome });
  }

  /** An execution of an earlier life; if that life ended first, so did the execution. */
  private adopt(record: StoredExecution): void {
    this.executions.set(record.executionArn, record);
    this.sequence = Math.max(this.sequence, record.sequence);
    if (record.outcome) return;
    const { executionArn } = record;
    const stopMs = this.clock.nowMs();
    const event: HistoryEvent = {
      id: record.events.length + 1,
      previousEventId: 0,
      timestamp: stopMs / 1000,
      type: 'ExecutionAborted',
      executionAbortedEventDetails: failureDetails(undefined, STOPPED),
    };
    record.events.push(event);
    record.outcome = { status: 'ABORTED', stopMs, cause: STOPPED };
    this.saveEvent(executionArn, event);
    this.saveClosed(executionArn, record.outcome);
  }

  private adoptMapRun(record: MapRunRecord): void {
    this.mapRuns.set(record.mapRunArn, record);
    this.sequence = Math.max(this.sequence, record.sequence);
    if (record.status !== 'RUNNING') return;
    const children = [...this.executions.values()].filter(({ mapRunArn }) => mapRunArn === record.mapRunArn);
    const countOf = (
      sizeOf: (child: ExecutionRecord) => number,
      total: number,
    ): MapRunRecord['itemCounts'] => {
      const sum = (status: Outcome['status']): number =>
        children
          .filter(({ outcome }) => outcome?.status === status)
          .reduce((all, child) => all + sizeOf(child), 0);
      const [succeeded, failed, timedOut] = [sum('SUCCEEDED'), sum('FAILED'), sum('TIMED_OUT')];
      const aborted = total - succeeded - failed - timedOut;
      return { ...newCounts(total), pending: 0, succeeded, failed, timedOut, aborted };
    };
    const ended: MapRunRecord = {
      ...record,
      status: 'ABORTED',
      stopMs: this.clock.nowMs(),
      itemCounts: countOf((child) => child.itemCount ?? 1, record.itemCounts.total),
      executionCounts: countOf(() => 1, record.executionCounts.total),
    };
    this.addMapRun(ended);
  }
}

function requireArn(arn: string): string {
  if (/^arn:[a-z-]+:states:[a-z0-9-]*:\d*:[A-Za-z]+:.+$/.test(arn)) return arn;
  throw new ServiceError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
}

/** What is known at the start; the rest is told as it happens. */
function withoutCourse(record: ExecutionRecord): Omit<ExecutionRecord, 'events' | 'outcome'> {
  const started: Partial<ExecutionRecord> & Omit<ExecutionRecord, 'events'> = { ...record };
  delete (started as { events?: unknown }).events;
  delete started.outcome;
  return started;
}
