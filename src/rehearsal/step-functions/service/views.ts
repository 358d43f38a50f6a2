import type { ExecutionRecord, MapRunRecord, Outcome } from '../records';

type View = Record<string, unknown>;

const seconds = (ms: number): number => ms / 1000;

/** The end of an execution as seen from outside, once the lag has passed. */
export const visibleOutcome = (record: ExecutionRecord, visibleUntilMs: number): Outcome | undefined =>
  record.outcome && record.outcome.stopMs <= visibleUntilMs ? record.outcome : undefined;

export function executionItem(record: ExecutionRecord, visibleUntilMs: number): View {
  const outcome = visibleOutcome(record, visibleUntilMs);
  return {
    executionArn: record.executionArn,
    stateMachineArn: record.stateMachineArn,
    name: record.name,
    status: outcome?.status ?? 'RUNNING',
    startDate: seconds(record.startMs),
    ...(outcome ? { stopDate: seconds(outcome.stopMs) } : {}),
    ...(record.mapRunArn === undefined ? {} : { mapRunArn: record.mapRunArn }),
    ...(record.itemCount === undefined ? {} : { itemCount: record.itemCount }),
    redriveCount: 0,
  };
}

export function executionView(record: ExecutionRecord, visibleUntilMs: number): View {
  const outcome = visibleOutcome(record, visibleUntilMs);
  return {
    ...executionItem(record, visibleUntilMs),
    itemCount: undefined,
    input: record.input,
    inputDetails: { included: true },
    ...(outcome?.output === undefined ? {} : { output: outcome.output, outputDetails: { included: true } }),
    ...(outcome?.error === undefined ? {} : { error: outcome.error }),
    ...(outcome?.cause === undefined ? {} : { cause: outcome.cause }),
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: `Execution is ${outcome?.status ?? 'RUNNING'} and this engine does not redrive`,
  };
}

export const mapRunItem = (record: MapRunRecord): View => ({
  executionArn: record.executionArn,
  mapRunArn: record.mapRunArn,
  stateMachineArn: record.stateMachineArn,
  startDate: seconds(record.startMs),
  ...(record.stopMs === undefined ? {} : { stopDate: seconds(record.stopMs) }),
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
    redriveCount: 0,
  };
}
