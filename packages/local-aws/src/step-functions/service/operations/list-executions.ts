import type { ExecutionRecord } from '../../records';
import { PAGED, type Operation } from '../operation';
import { descending, paginate } from '../paging';
import type { Request } from '../request';
import { ServiceError } from '../service-error';
import { executionItem, visibleOutcome, visibleStatus } from '../views';

const STATUSES = ['SUCCEEDED', 'TIMED_OUT', 'PENDING_REDRIVE', 'ABORTED', 'FAILED', 'RUNNING'] as const;

interface Filter {
  readonly stateMachineArn: string | undefined;
  readonly mapRunArn: string | undefined;
  readonly status: (typeof STATUSES)[number] | undefined;
  readonly redriven: 'REDRIVEN' | 'NOT_REDRIVEN' | undefined;
}

/** Lists the newest executions first: running ones by their start, closed ones by their end. */
export const listExecutions: Operation = {
  shape: {
    stateMachineArn: 'string',
    mapRunArn: 'string',
    statusFilter: 'string',
    redriveFilter: 'string',
    ...PAGED,
  },
  run(request, { engine, clock, describeLagMs }) {
    const filter = filterOf(request);
    if (filter.mapRunArn !== undefined) engine.registry.mapRun(filter.mapRunArn);
    else engine.machines.resolve(filter.stateMachineArn ?? '');
    const nowMs = clock.nowMs();
    const visibleUntilMs = nowMs - describeLagMs;
    const records = [...engine.registry.executions.values()].filter(
      (record) => record.startMs <= visibleUntilMs && matchesFilter(record, filter, visibleUntilMs),
    );
    const keyOf = (record: ExecutionRecord): string => {
      const atMs = visibleOutcome(record, visibleUntilMs)?.stopMs ?? record.startMs;
      return `${descending(Math.floor(atMs))} ${descending(record.sequence)}`;
    };
    const { items, ...next } = paginate(
      request,
      `executions ${JSON.stringify(filter)}`,
      nowMs,
      records,
      keyOf,
    );
    return { executions: items.map((record) => executionItem(record, visibleUntilMs)), ...next };
  },
};

function filterOf(request: Request): Filter {
  const filter = {
    stateMachineArn: request.optionalString('stateMachineArn'),
    mapRunArn: request.optionalString('mapRunArn'),
    status: request.oneOf('statusFilter', STATUSES),
    redriven: request.oneOf('redriveFilter', ['REDRIVEN', 'NOT_REDRIVEN']),
  };
  if ((filter.stateMachineArn === undefined) === (filter.mapRunArn === undefined)) {
    throw new ServiceError('ValidationException', 'Specify exactly one of stateMachineArn and mapRunArn');
  }
  const ofMapRun = filter.redriven !== undefined || filter.status === 'PENDING_REDRIVE';
  if (ofMapRun && filter.mapRunArn === undefined) {
    throw new ServiceError(
      'ValidationException',
      'redriveFilter and the statusFilter PENDING_REDRIVE require a mapRunArn instead of a stateMachineArn',
    );
  }
  return filter;
}

/** The ARNs with which an execution is listed: those of its state machine, version and alias. */
const arnsOf = (record: ExecutionRecord): (string | undefined)[] => [
  record.stateMachineArn,
  record.stateMachineVersionArn,
  record.stateMachineAliasArn,
];

function matchesFilter(record: ExecutionRecord, filter: Filter, visibleUntilMs: number): boolean {
  const belongs =
    filter.mapRunArn === undefined
      ? arnsOf(record).includes(filter.stateMachineArn)
      : record.mapRunArn === filter.mapRunArn;
  if (!belongs) return false;
  const redriven = (record.redriveCount ?? 0) > 0 ? 'REDRIVEN' : 'NOT_REDRIVEN';
  if (filter.redriven !== undefined && filter.redriven !== redriven) return false;
  return filter.status === undefined || visibleStatus(record, visibleUntilMs) === filter.status;
}
