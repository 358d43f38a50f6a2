import type { Clock } from './clock';
import type { Execution } from './execution';
import { failureDetails, type HistoryEvent } from './history';
import { LIMITS } from './limits';
import { createCounts } from './map-run';
import { requireArn } from './names';
import type { ExecutionRecord, MapRunRecord, Outcome } from './records';
import { ServiceError } from './service/service-error';
import type { Store, StoredExecution } from './store';

const STOPPED = 'The engine stopped while the execution was running.';

/** The records of all executions and Map Runs, including those restored from the store. */
export class Registry {
  readonly executions = new Map<string, StoredExecution>();
  readonly mapRuns = new Map<string, MapRunRecord>();
  readonly running = new Map<string, Execution>();
  private sequence = 0;
  private saving = true;

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
  ) {
    const stored = store.load();
    for (const record of stored.executions) this.restoreExecution(record);
    for (const record of stored.mapRuns) this.restoreMapRun(record);
  }

  nextSequence(): number {
    return ++this.sequence;
  }

  /** Throws InvalidArn, ExecutionDoesNotExist. */
  execution(arn: string): StoredExecution {
    const found = this.find(requireArn(arn));
    if (found) return found;
    throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  }

  /** Returns the execution, or undefined if it does not exist or its retention time is over. */
  find(arn: string): StoredExecution | undefined {
    const found = this.executions.get(arn);
    const stopMs = found?.outcome?.stopMs ?? Infinity;
    if (this.clock.nowMs() - stopMs < LIMITS.retentionMs || stopMs === Infinity) return found;
    this.executions.delete(arn);
    return undefined;
  }

  mapRun(arn: string): MapRunRecord {
    const found = this.mapRuns.get(requireArn(arn));
    if (found) return found;
    throw new ServiceError('ResourceNotFound', `Map Run Does Not Exist: '${arn}'`);
  }

  add(record: StoredExecution): void {
    this.executions.set(record.executionArn, record);
    if (this.saving) this.store.append({ kind: 'execution', record: startedRecord(record) });
  }

  close(executionArn: string, outcome: Outcome): void {
    this.running.delete(executionArn);
    if (this.saving) this.store.append({ kind: 'closed', executionArn, outcome });
  }

  /** Records the redrive of a closed execution. */
  reopen(executionArn: string): StoredExecution {
    const record = this.execution(executionArn);
    const redriveMs = this.clock.nowMs();
    const redriveCount = (record.redriveCount ?? 0) + 1;
    Object.assign(record, { previousOutcome: record.outcome, outcome: undefined, redriveCount, redriveMs });
    if (this.saving) this.store.append({ kind: 'redriven', executionArn, redriveCount, redriveMs });
    return record;
  }

  saveEvent(executionArn: string, event: HistoryEvent): void {
    if (this.saving) this.store.append({ kind: 'event', executionArn, event });
  }

  addMapRun(record: MapRunRecord): void {
    this.mapRuns.set(record.mapRunArn, record);
    this.saveMapRun(record);
  }

  saveMapRun(record: MapRunRecord): void {
    if (this.saving) this.store.append({ kind: 'mapRun', record });
  }

  /** Stops writing to the store. */
  stopSaving(): void {
    this.saving = false;
  }

  /** Restores an execution. One that was running when the engine ended becomes ABORTED. */
  private restoreExecution(record: StoredExecution): void {
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
    this.close(executionArn, record.outcome);
  }

  private restoreMapRun(record: MapRunRecord): void {
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
      return { ...createCounts(total), pending: 0, succeeded, failed, timedOut, aborted };
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

/** Returns the part of a record that is known at the start. The store receives the rest as events. */
function startedRecord(record: ExecutionRecord): Omit<ExecutionRecord, 'events' | 'outcome'> {
  const started: Partial<ExecutionRecord> & Omit<ExecutionRecord, 'events'> = { ...record };
  delete (started as { events?: unknown }).events;
  delete started.outcome;
  return started;
}
