import type { ExecutionRecord } from '../records';
import type { ServiceContext } from './operations';
import { descending, page } from './paging';
import type { Request } from './request';
import { ServiceError } from './service-error';
import { executionItem, visibleOutcome } from './views';

const STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE'];

/** Newest first: running ones by their start, closed ones by their end. */
export function listExecutions(request: Request, { engine, clock, describeLagMs }: ServiceContext): object {
  const { registry } = engine;
  const stateMachineArn = request.optionalText('stateMachineArn');
  const mapRunArn = request.optionalText('mapRunArn');
  if ((stateMachineArn === undefined) === (mapRunArn === undefined)) {
    throw new ServiceError('ValidationException', 'Give exactly one of stateMachineArn and mapRunArn');
  }
  const status = request.optionalText('statusFilter');
  if (status !== undefined && !STATUSES.includes(status)) {
    throw new ServiceError(
      'ValidationException',
      `statusFilter '${status}' is none of ${STATUSES.join(', ')}`,
    );
  }
  if (mapRunArn !== undefined) registry.mapRun(mapRunArn);
  else registry.stateMachine(stateMachineArn ?? '');

  const nowMs = clock.nowMs();
  const visibleUntilMs = nowMs - describeLagMs;
  const belongs = (record: ExecutionRecord): boolean =>
    mapRunArn === undefined ? record.stateMachineArn === stateMachineArn : record.mapRunArn === mapRunArn;
  const records = [...registry.executions.values()].filter(
    (record) =>
      belongs(record) &&
      record.startMs <= visibleUntilMs &&
      (status === undefined || (visibleOutcome(record, visibleUntilMs)?.status ?? 'RUNNING') === status),
  );
  const keyOf = (record: ExecutionRecord): string => {
    const atMs = visibleOutcome(record, visibleUntilMs)?.stopMs ?? record.startMs;
    return `${descending(Math.floor(atMs))} ${descending(record.sequence)}`;
  };
  const listing = `executions ${stateMachineArn ?? ''} ${mapRunArn ?? ''} ${status ?? ''}`;
  const { items, ...next } = page(request, listing, nowMs, records, keyOf);
  return { executions: items.map((record) => executionItem(record, visibleUntilMs)), ...next };
}
