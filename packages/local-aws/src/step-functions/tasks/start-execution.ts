import { randomUUID } from 'node:crypto';
import { RuntimeFailure, StateFailure, STATES } from '../errors';
import { brief, isObject, textOf, type Json } from '../json';
import { describedError, type ExecutionRecord } from '../records';
import { epochSeconds } from '../timestamps';
import type { Visit } from '../state-kind';
import { requireAccess } from './require-access';
import { startMetadata } from './call-metadata';
import type { Integration } from './integration';
import { actionOf, checkParameters, serviceEvents } from './integration';
import { failingAs } from './service-failure';

/**
 * `arn:aws:states:::states:startExecution`, request and response or `.waitForTaskToken`: the execution that is started
 * lives on its own. The date is in milliseconds, as the answers of optimised integrations have them.
 */
export const startExecution: Integration = {
  matches: (resource) =>
    /^arn:aws[a-z-]*:states:::states:startExecution(\.waitForTaskToken)?$/.test(resource),
  check: checkStart,
  label: () => 'states',
  events: (visit, seconds) => serviceEvents(visit, 'states', actionOf(visit), seconds),
  async call(visit) {
    const { Input: input = {} } = parametersOf(visit);
    requireStart(visit, 'StepFunctions.AWSStepFunctionsException');
    const started = failingAs('StepFunctions', () => start(visit, JSON.stringify(input)));
    const { executionArn } = started;
    // Clocks may have fractions of a millisecond, dates have not.
    const startMs = Math.floor(started.startMs);
    const body = JSON.stringify({ executionArn, startDate: epochSeconds(startMs) });
    const answer = { body, requestId: randomUUID(), nowMs: visit.engine.clock.nowMs() };
    return { ExecutionArn: executionArn, ...startMetadata(answer), StartDate: startMs };
  },
};

/** `arn:aws:states:::states:startExecution.sync` and `.sync:2`: waits for the end of the execution, and stops it with itself. */
export const startExecutionSync: Integration = {
  ...startExecution,
  matches: (resource) => /^arn:aws[a-z-]*:states:::states:startExecution\.sync(:2)?$/.test(resource),
  async job(visit, response, signal) {
    const executionArn = isObject(response) ? textOf(response['ExecutionArn']) : '';
    const { engine, thread, state } = visit;
    const leave = thread.scope.onHalt(() => {
      if (mayStop(visit, executionArn)) engine.stopExecution(executionArn, undefined, undefined);
    });
    // A task that merely timed out leaves the execution alone, whatever becomes of its own.
    signal.addEventListener('abort', leave, { once: true });
    const record = await engine.settled(executionArn);
    leave();
    const asJson = textOf(state['Resource']).endsWith(':2');
    if (record.outcome?.status === 'SUCCEEDED') return endOf(record, asJson);
    throw new StateFailure(STATES.taskFailed, JSON.stringify(endOf(record, false)));
  },
};

/** Without the permission the execution goes on. */
function mayStop({ engine, thread }: Visit, executionArn: string): boolean {
  const { roleArn, record } = thread.execution;
  const caller = { roleArn, stateMachineArn: record.stateMachineArn };
  return engine.accessControl?.call(caller, 'states', 'StopExecution', { executionArn }) === undefined;
}

/** As recorded on AWS; dates in milliseconds. `.sync` has input and output as text, `.sync:2` as JSON. */
function endOf(
  { executionArn, stateMachineArn, name, input, startMs, outcome }: ExecutionRecord,
  asJson: boolean,
): Json {
  const read = (text: string): Json => (asJson ? (JSON.parse(text) as Json) : text);
  const { output, cause, status = 'ABORTED' } = outcome ?? {};
  const error = outcome && describedError(outcome);
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

/** `arn:aws:states:::aws-sdk:sfn:startExecution`; its input is text, as the API has it. */
export const sdkStartExecution: Integration = {
  matches: (resource) =>
    /^arn:aws[a-z-]*:states:::aws-sdk:sfn:startExecution(\.waitForTaskToken)?$/.test(resource),
  check: checkStart,
  label: () => 'aws-sdk:sfn',
  events: (visit, seconds) => serviceEvents(visit, 'aws-sdk:sfn', actionOf(visit), seconds),
  async call(visit) {
    const input = optionalText(visit, 'Input') ?? '{}';
    requireStart(visit, 'Sfn.SfnException');
    const { executionArn, startMs } = failingAs('Sfn', () => start(visit, input));
    return { ExecutionArn: executionArn, StartDate: new Date(startMs).toISOString() };
  },
};

function checkStart(fields: Parameters<Integration['check']>[0]): void {
  checkParameters(fields, ['StateMachineArn'], ['Input', 'Name'])?.finish();
}

const start = (visit: Visit, input: string): { executionArn: string; startMs: number } =>
  visit.engine.startExecution(
    optionalText(visit, 'StateMachineArn') ?? '',
    optionalText(visit, 'Name'),
    input,
  );

function requireStart(visit: Visit, error: string): void {
  const stateMachineArn = optionalText(visit, 'StateMachineArn') ?? '';
  requireAccess(visit, error, 'states', 'StartExecution', { stateMachineArn });
}

const parametersOf = ({ payload }: Visit): Readonly<Record<string, Json>> =>
  isObject(payload) ? payload : {};

function optionalText(visit: Visit, name: string): string | undefined {
  const value = parametersOf(visit)[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new RuntimeFailure(`The parameter ${name} of startExecution must be a string, not ${brief(value)}`);
}
