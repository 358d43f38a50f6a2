import { RuntimeFailure } from '../errors';
import { abbreviate, isObject } from '../json';
import { invokeMetadata } from './call-metadata';
import type { Integration } from './integration';
import { actionOf, checkParameters, serviceEvents } from './integration';
import { invoke, lambdaPayload, targetOf } from './invocation';

/** `arn:aws:states:::lambda:invoke`, also with `.waitForTaskToken`. Both wait for the function. */
export const lambdaInvoke: Integration = {
  matches: (resource) => /^arn:aws[a-z-]*:states:::lambda:invoke(\.waitForTaskToken)?$/.test(resource),
  check(fields) {
    const parameters = checkParameters(fields, ['FunctionName', 'Payload'], ['Qualifier']);
    if (!parameters) return;
    parameters.string('FunctionName');
    parameters.oneOf('InvocationType', ['RequestResponse']);
    parameters.rejectUnknownFields();
  },
  label: () => 'lambda',
  events: (attempt, seconds) => serviceEvents(attempt, 'lambda', actionOf(attempt), seconds),
  async call(attempt, signal) {
    const parameters = isObject(attempt.payload) ? attempt.payload : {};
    const { FunctionName: functionName, Qualifier: qualifier, Payload: payload = null } = parameters;
    if (typeof functionName !== 'string') {
      throw new RuntimeFailure(`The FunctionName must be a string, not ${abbreviate(functionName)}`);
    }
    if (qualifier !== undefined && typeof qualifier !== 'string') {
      throw new RuntimeFailure(`The Qualifier must be a string, not ${abbreviate(qualifier)}`);
    }
    const target = targetOf(functionName, qualifier);
    const result = await invoke(attempt, target, lambdaPayload(payload), signal);
    const { executedVersion, requestId, statusCode } = result;
    const response = { body: JSON.stringify(result.payload), requestId, nowMs: attempt.engine.clock.nowMs() };
    return {
      ExecutedVersion: executedVersion,
      Payload: result.payload,
      ...invokeMetadata(response, result),
      StatusCode: statusCode,
    };
  },
};
