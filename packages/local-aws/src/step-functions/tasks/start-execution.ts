import { randomUUID } from 'node:crypto';
import { RuntimeFailure, StateFailure, STATES } from '../errors';
import { abbreviate, isObject, type Json, readJson, textOf, toText } from '../json';
import { visibleError, type ExecutionRecord } from '../records';
import { epochSeconds } from '../timestamps';
import type { StateAttempt } from '../state-type';
import { requireAccess } from './require-access';
import { apiMetadata } from './call-metadata';
import type { Integration } from './integration';
import { actionOf, checkParameters, serviceEvents } from './integration';
import { translateServiceErrors } from './service-errors';

/**
 * `arn:aws:states:::states:startExecution`, also with `.waitForTaskToken`. The started execution is independent of the
 * task. The date is in milliseconds, as in the results of optimised integrations.
 */
export const startExecution: Integration = {
  matches: (resource) =>
    /^arn:aws[a-z-]*:states:::states:startExecution(\.waitForTaskToken)?$/.test(resource),
  check: checkStart,
  label: () => 'states',
  events: (attempt, seconds) => serviceEvents(attempt, 'states', actionOf(attempt), seconds),
  async call(attempt) {
    const { Input: input = {} } = parametersOf(attempt);
    requireStartAccess(attempt, 'StepFunctions.AWSStepFunctionsException');
    const started = translateServiceErrors('StepFunctions', () => start(attempt, toText(input)));
    const { executionArn } = started;
    // A clock may return fractions of a millisecond; dates have none.
    const startMs = Math.floor(started.startMs);
    const body = JSON.stringify({ executionArn, startDate: epochSeconds(startMs) });
    const response = { body, requestId: randomUUID(), nowMs: attempt.engine.clock.nowMs() };
    return { ExecutionArn: executionArn, ...apiMetadata(response), StartDate: startMs };
  },
};

/** `arn:aws:states:::states:startExecution.sync` and `.sync:2`. Stops the execution if the task is halted. */
export const startExecutionSync: Integration = {
  ...startExecution,
  matches: (resource) => /^arn:aws[a-z-]*:states:::states:startExecution\.sync(:2)?$/.test(resource),
  async job(attempt, response, signal) {
    const executionArn = isObject(response) ? textOf(response['ExecutionArn']) : '';
    const { engine, thread, state } = attempt;
    const removeStop = thread.scope.onHalt(() => {
      if (mayStopExecution(attempt, executionArn)) engine.stopExecution(executionArn, undefined, undefined);
    });
    // A task that times out does not stop the execution, even if its own execution is stopped later.
    signal.addEventListener('abort', removeStop, { once: true });
    const record = await engine.settled(executionArn);
    removeStop();
    const asJson = textOf(state['Resource']).endsWith(':2');
    if (record.outcome?.status === 'SUCCEEDED') return executionResult(record, asJson);
    throw new StateFailure(STATES.taskFailed, JSON.stringify(executionResult(record, false)));
  },
};

/** Returns whether the role may stop the execution. Without the permission, the execution continues. */
function mayStopExecution({ engine, thread }: StateAttempt, executionArn: string): boolean {
  const { roleArn, record } = thread.execution;
  const caller = { roleArn, stateMachineArn: record.stateMachineArn };
  return (
    engine.accessControl?.authorizeExecution(caller, 'states', 'StopExecution', { executionArn }) ===
    undefined
  );
}

/**
 * Describes a closed execution as recorded on AWS, with dates in milliseconds.
 * @param asJson whether input and output are JSON (`.sync:2`) or text (`.sync`)
 */
function executionResult(
  { executionArn, stateMachineArn, name, input, startMs, outcome }: ExecutionRecord,
  asJson: boolean,
): Json {
  const read = (text: string): Json => (asJson ? readJson(text) : text);
  const { output, cause, status = 'ABORTED' } = outcome ?? {};
  const error = outcome && visibleError(outcome);
  return {
    ...(cause === undefined ? {} : { Cause: cause }),
    ...(error === undefined ? {} : { Error: error }),
    ExecutionArn: executionArn,
    Input: read(input),
    InputDetails: { Included: true },
    Name: name,
    ...(output === undefined ? {} : { Output: read(output), OutputDetails: { Included: true } }),
    StartDate: Math.floor(startMs),
    StateMachineArn: stateMachineArn,
    Status: status,
    ...(outcome ? { StopDate: Math.floor(outcome.stopMs) } : {}),
  };
}

/** `arn:aws:states:::aws-sdk:sfn:startExecution`. Its input is JSON text, as in the API. */
export const sdkStartExecution: Integration = {
  matches: (resource) =>
    /^arn:aws[a-z-]*:states:::aws-sdk:sfn:startExecution(\.waitForTaskToken)?$/.test(resource),
  check: checkStart,
  label: () => 'aws-sdk:sfn',
  events: (attempt, seconds) => serviceEvents(attempt, 'aws-sdk:sfn', actionOf(attempt), seconds),
  async call(attempt) {
    const input = optionalString(attempt, 'Input') ?? '{}';
    requireStartAccess(attempt, 'Sfn.SfnException');
    const { executionArn, startMs } = translateServiceErrors('Sfn', () => start(attempt, input));
    return { ExecutionArn: executionArn, StartDate: new Date(startMs).toISOString() };
  },
};

function checkStart(fields: Parameters<Integration['check']>[0]): void {
  checkParameters(fields, ['StateMachineArn'], ['Input', 'Name'])?.rejectUnknownFields();
}

const start = (attempt: StateAttempt, input: string): { executionArn: string; startMs: number } =>
  attempt.engine.startExecution(
    optionalString(attempt, 'StateMachineArn') ?? '',
    optionalString(attempt, 'Name'),
    input,
  );

function requireStartAccess(attempt: StateAttempt, error: string): void {
  const stateMachineArn = optionalString(attempt, 'StateMachineArn') ?? '';
  requireAccess(attempt, error, 'states', 'StartExecution', { stateMachineArn });
}

const parametersOf = ({ payload }: StateAttempt): Readonly<Record<string, Json>> =>
  isObject(payload) ? payload : {};

function optionalString(attempt: StateAttempt, name: string): string | undefined {
  const value = parametersOf(attempt)[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new RuntimeFailure(
    `The parameter ${name} of startExecution must be a string, not ${abbreviate(value)}`,
  );
}
