import { RuntimeFailure } from '../errors';
import { brief, isObject, type Json } from '../json';
import type { Visit } from '../state-kind';
import { requireAccess } from '../access-control';
import type { Integration } from './integration';
import { checkParameters, serviceEvents } from './integration';
import { failingAs } from './service-failure';

/**
 * `arn:aws:states:::states:startExecution`, request and response: the execution that is started lives on its own. What the
 * response holds besides the ARN is not documented for JSONPath, so it is not there.
 */
export const startExecution: Integration = {
  matches: (resource) => /^arn:aws[a-z-]*:states:::states:startExecution$/.test(resource),
  check: checkStart,
  label: () => 'states',
  events: (visit, seconds) => serviceEvents(visit, 'states', 'startExecution', seconds),
  async call(visit) {
    const { Input: input = {} } = parametersOf(visit);
    requireStart(visit, 'StepFunctions.AWSStepFunctionsException');
    const { executionArn } = failingAs('StepFunctions', () => start(visit, JSON.stringify(input)));
    return { ExecutionArn: executionArn };
  },
};

/** `arn:aws:states:::aws-sdk:sfn:startExecution`; its input is text, as the API has it. */
export const sdkStartExecution: Integration = {
  matches: (resource) => /^arn:aws[a-z-]*:states:::aws-sdk:sfn:startExecution$/.test(resource),
  check: checkStart,
  label: () => 'aws-sdk:sfn',
  events: (visit, seconds) => serviceEvents(visit, 'aws-sdk:sfn', 'startExecution', seconds),
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
