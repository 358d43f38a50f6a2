import { requireAccess } from '../tasks/require-access';
import { RuntimeFailure, STATES, StateFailure } from '../errors';
import type { Fields } from '../fields';
import { byteLength, isObject, type Json, type JsonObject, toText } from '../json';
import { LIMITS } from '../limits';
import type { MapRunHandle } from '../map-run-handle';
import type { Result, StateAttempt } from '../state-type';
import { fillTemplate } from '../templates';
import { numberAt, numberOf } from './number-fields';

const THRESHOLDS = ['ToleratedFailureCount', 'ToleratedFailurePercentage'] as const;

/** Validates the fields that only a Distributed Map has. */
export function checkDistributed(fields: Fields): void {
  fields.number('ToleratedFailureCount', 0, Number.MAX_SAFE_INTEGER);
  fields.number('ToleratedFailurePercentage', 0, 100, false);
  for (const threshold of THRESHOLDS) {
    fields.path(`${threshold}Path`, { reference: true });
    fields.requireExclusive([threshold, `${threshold}Path`]);
  }
  const label = fields.string('Label');
  if (label !== undefined && !/^[A-Za-z0-9_-]{1,40}$/.test(label)) {
    fields.addProblem(`Label '${label}' must be 1 to ${LIMITS.labelLengthMax} letters, digits, '-' or '_'`);
  }
  const batcher = fields.inner('ItemBatcher');
  if (!batcher) return;
  batcher.number('MaxItemsPerBatch', 1, Number.MAX_SAFE_INTEGER);
  batcher.path('MaxItemsPerBatchPath', { reference: true });
  batcher.number('MaxInputBytesPerBatch', 1, LIMITS.dataBytesMax);
  batcher.path('MaxInputBytesPerBatchPath', { reference: true });
  batcher.requireExclusive(['MaxItemsPerBatch', 'MaxItemsPerBatchPath']);
  batcher.requireExclusive(['MaxInputBytesPerBatch', 'MaxInputBytesPerBatchPath']);
  const sizeFields = [
    'MaxItemsPerBatch',
    'MaxItemsPerBatchPath',
    'MaxInputBytesPerBatch',
    'MaxInputBytesPerBatchPath',
  ];
  if (!sizeFields.some((name) => batcher.has(name)))
    batcher.addProblem(`one of ${sizeFields.join(', ')} is required`);
  batcher.template('BatchInput');
  batcher.rejectUnknownFields();
}

/** Runs each item or batch of items as a child workflow execution. */
export async function runDistributed(
  attempt: StateAttempt,
  items: readonly Json[],
  maxConcurrency: number,
): Promise<Result> {
  const { thread } = attempt;
  const count = numberAt(attempt, 'ToleratedFailureCount', 'integer');
  if (count !== undefined && count < 0) throw new RuntimeFailure('ToleratedFailureCount cannot be negative.');
  requireMayStart(attempt);
  const percentage = numberAt(attempt, 'ToleratedFailurePercentage', 'float');
  if (percentage !== undefined && (percentage < 0 || percentage > 100)) {
    throw new RuntimeFailure('ToleratedFailurePercentage must be between 0 and 100.');
  }
  const run = await redriven(attempt);
  const started = run ?? start(attempt, items, { maxConcurrency, count, percentage });
  thread.progress.mapRun = started;
  const removeAbort = thread.scope.onHalt(() => started.abort());
  try {
    const done = await thread.scope.race(() => started.done);
    return conclude(attempt, done);
  } finally {
    removeAbort();
  }
}

/** Redrives the existing Map Run. Returns undefined if the state has not started one. */
async function redriven(attempt: StateAttempt): Promise<MapRunHandle | undefined> {
  const { thread } = attempt;
  const { mapRun } = thread.progress;
  if (!mapRun) return undefined;
  if (mapRun.redriveCount >= LIMITS.mapRunRedrivesMax) {
    throw new RuntimeFailure(
      `The Map Run ${mapRun.mapRunArn} was redriven ${mapRun.redriveCount} times, which is the limit.`,
    );
  }
  const { mapRunArn } = mapRun;
  // The ARNs of the children differ from that of the Map Run only in the resource type and the last part,
  // for which policies use a wildcard.
  const executionArn = mapRunArn.replace(':mapRun:', ':execution:');
  requireAccess(attempt, STATES.permissions, 'states', 'RedriveExecution', { executionArn });
  await thread.scope.race(() => mapRun.redrive());
  const { redriveCount } = mapRun;
  thread.previousEventId = thread.execution.add('MapRunRedriven', thread.previousEventId, [
    'mapRunRedrivenEventDetails',
    { mapRunArn, redriveCount },
  ]);
  return mapRun;
}

function start(
  attempt: StateAttempt,
  items: readonly Json[],
  settings: { maxConcurrency: number; count: number | undefined; percentage: number | undefined },
): MapRunHandle {
  const { thread, state, engine } = attempt;
  const children = isObject(state['ItemBatcher'])
    ? createBatches(attempt, state['ItemBatcher'], items)
    : items.map((input) => ({ input, itemCount: 1 }));
  for (const { input } of children) requireChildInputWithinLimit(input, attempt.name);
  return engine.startMapRun(thread, {
    label: typeof state['Label'] === 'string' ? state['Label'] : undefined,
    processor: isObject(state['ItemProcessor']) ? state['ItemProcessor'] : {},
    maxConcurrency: Math.min(settings.maxConcurrency || Infinity, LIMITS.distributedConcurrencyMax),
    toleratedFailureCount: settings.count,
    toleratedFailurePercentage: settings.percentage,
    children,
  });
}

/** Records the end. As recorded on AWS, the next event follows MapRunStarted, or MapRunFailed after a failure. */
function conclude({ thread }: StateAttempt, done: { outputs: Json[] } | 'tolerance exceeded'): Result {
  const { execution } = thread;
  if (done === 'tolerance exceeded') {
    const cause = 'The specified tolerated failure threshold was exceeded';
    const details = { error: STATES.exceedToleratedFailureThreshold, cause };
    thread.previousEventId = execution.add('MapRunFailed', thread.previousEventId, [
      'mapRunFailedEventDetails',
      details,
    ]);
    return { failure: new StateFailure(STATES.exceedToleratedFailureThreshold, cause) };
  }
  const succeeded = execution.add('MapRunSucceeded', thread.previousEventId);
  execution.add('MapStateSucceeded', succeeded);
  return { result: done.outputs };
}

/** Requires permission to start executions of the state machine. AWS does not document the error. */
function requireMayStart(attempt: StateAttempt): void {
  const stateMachineArn = attempt.thread.execution.record.stateMachineArn.replace(/\/[^/]*$/, '');
  requireAccess(attempt, STATES.permissions, 'states', 'StartExecution', { stateMachineArn });
}

function requireChildInputWithinLimit(input: Json, stateName: string): void {
  if (byteLength(toText(input)) <= LIMITS.dataBytesMax) return;
  throw new StateFailure(
    STATES.dataLimitExceeded,
    `The input of a child workflow of the Map state '${stateName}' exceeds ${LIMITS.dataBytesMax} bytes.`,
  );
}

function createBatches(
  { evaluation }: StateAttempt,
  batcher: JsonObject,
  items: readonly Json[],
): { input: Json; itemCount: number }[] {
  const itemsMax = numberOf(batcher, evaluation, 'MaxItemsPerBatch', 'integer') ?? Infinity;
  const bytesMax = numberOf(batcher, evaluation, 'MaxInputBytesPerBatch', 'integer') ?? LIMITS.dataBytesMax;
  if (itemsMax < 1 || bytesMax < 1 || bytesMax > LIMITS.dataBytesMax) {
    throw new RuntimeFailure(
      `ItemBatcher: MaxItemsPerBatch (${itemsMax}) must be positive and MaxInputBytesPerBatch (${bytesMax}) from 1 to ${LIMITS.dataBytesMax}.`,
    );
  }
  const shared = isObject(batcher['BatchInput'])
    ? { BatchInput: fillTemplate(batcher['BatchInput'], evaluation) }
    : {};
  const frameBytes = byteLength(toText({ ...shared, Items: [] }));
  const groups: Json[][] = [];
  let groupBytes = 0;
  for (const item of items) {
    const itemBytes = byteLength(toText(item)) + 1;
    const group = groups.at(-1);
    if (!group || group.length >= itemsMax || groupBytes + itemBytes > bytesMax) {
      groups.push([item]);
      groupBytes = frameBytes + itemBytes;
    } else {
      group.push(item);
      groupBytes += itemBytes;
    }
  }
  return groups.map((Items) => ({ input: { ...shared, Items }, itemCount: Items.length }));
}
