import {
  visibleError,
  type ExecutionRecord,
  type ExecutionStatus,
  type MapRunRecord,
  type Outcome,
} from '../records';
import type { Redrivability } from '../redrive';
import type { DataKind } from './operation';
import { epochSeconds } from '../timestamps';

type View = Record<string, unknown>;

/** Returns the outcome that descriptions show. A change becomes visible after `describeLagMs`. */
export function visibleOutcome(record: ExecutionRecord, visibleUntilMs: number): Outcome | undefined {
  const { outcome, previousOutcome, redriveMs = -Infinity } = record;
  if (outcome && outcome.stopMs <= visibleUntilMs) return outcome;
  return redriveMs > visibleUntilMs ? previousOutcome : undefined;
}

export const visibleStatus = (record: ExecutionRecord, visibleUntilMs: number): ExecutionStatus =>
  record.pendingRedrive ? 'PENDING_REDRIVE' : (visibleOutcome(record, visibleUntilMs)?.status ?? 'RUNNING');

export function executionItem(record: ExecutionRecord, visibleUntilMs: number): View {
  const outcome = visibleOutcome(record, visibleUntilMs);
  return {
    executionArn: record.executionArn,
    stateMachineArn: record.stateMachineArn,
    name: record.name,
    status: visibleStatus(record, visibleUntilMs),
    startDate: epochSeconds(record.startMs),
    ...(outcome ? { stopDate: epochSeconds(outcome.stopMs) } : {}),
    stateMachineVersionArn: record.stateMachineVersionArn,
    stateMachineAliasArn: record.stateMachineAliasArn,
    ...(record.mapRunArn === undefined ? {} : { mapRunArn: record.mapRunArn }),
    ...(record.itemCount === undefined ? {} : { itemCount: record.itemCount }),
    redriveCount: record.redriveCount ?? 0,
    ...(record.redriveMs === undefined ? {} : { redriveDate: epochSeconds(record.redriveMs) }),
  };
}

/** @param redrive determined at the same time as `visibleUntilMs` */
export function executionView(
  record: ExecutionRecord,
  visibleUntilMs: number,
  included: DataKind,
  redrive: Redrivability,
): View {
  const outcome = visibleOutcome(record, visibleUntilMs);
  const withData = included === 'ALL_DATA';
  const details = { included: withData };
  const output = outcome?.output;
  const error = outcome && visibleError(outcome);
  return {
    ...executionItem(record, visibleUntilMs),
    itemCount: undefined,
    ...(withData ? { input: record.input } : {}),
    inputDetails: details,
    ...(output === undefined ? {} : { ...(withData ? { output } : {}), outputDetails: details }),
    ...(error === undefined ? {} : { error }),
    ...(outcome?.cause === undefined ? {} : { cause: outcome.cause }),
    redriveStatus: redrive.status,
    ...(redrive.reason === undefined ? {} : { redriveStatusReason: redrive.reason }),
  };
}

export const mapRunItem = (record: MapRunRecord): View => ({
  executionArn: record.executionArn,
  mapRunArn: record.mapRunArn,
  stateMachineArn: record.stateMachineArn,
  startDate: epochSeconds(record.startMs),
  ...(record.stopMs === undefined ? {} : { stopDate: epochSeconds(record.stopMs) }),
});

export function mapRunView(record: MapRunRecord): View {
  const written = record.status === 'SUCCEEDED';
  return {
    ...mapRunItem(record),
    stateMachineArn: undefined,
    status: record.status,
    maxConcurrency: record.maxConcurrency,
    toleratedFailurePercentage: record.toleratedFailurePercentage,
    toleratedFailureCount: record.toleratedFailureCount,
    itemCounts: { ...record.itemCounts, resultsWritten: written ? record.itemCounts.succeeded : 0 },
    executionCounts: {
      ...record.executionCounts,
      resultsWritten: written ? record.executionCounts.succeeded : 0,
    },
    redriveCount: record.redriveCount ?? 0,
    ...(record.redriveMs === undefined ? {} : { redriveDate: epochSeconds(record.redriveMs) }),
  };
}
