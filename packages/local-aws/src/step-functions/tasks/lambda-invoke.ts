import { RuntimeFailure } from '../errors';
import { brief, isObject } from '../json';
import { invokeMetadata } from './call-metadata';
import type { Integration } from './integration';
import { actionOf, checkParameters, serviceEvents } from './integration';
import { invoke, sentPayload } from './invocation';

/** `arn:aws:states:::lambda:invoke`, with or without `.waitForTaskToken`; the function is waited for in both. */
export const lambdaInvoke: Integration = {
  matches: (resource) => /^arn:aws[a-z-]*:states:::lambda:invoke(\.waitForTaskToken)?$/.test(resource),
  check(fields) {
    const parameters = checkParameters(fields, ['FunctionName', 'Payload'], []);
    if (!parameters) return;
    parameters.text('FunctionName');
    parameters.oneOf('InvocationType', ['RequestResponse']);
    parameters.finish();
  },
  label: () => 'lambda',
  events: (visit, seconds) => serviceEvents(visit, 'lambda', actionOf(visit), seconds),
  async call(visit, signal) {
    const parameters = isObject(visit.payload) ? visit.payload : {};
    const { FunctionName: functionName, Payload: payload = null } = parameters;
    if (typeof functionName !== 'string') {
      throw new RuntimeFailure(`The FunctionName must be a string, not ${brief(functionName)}`);
    }
    const result = await invoke(visit, functionName, sentPayload(payload), signal);
    const { executedVersion, requestId, statusCode } = result;
    const answer = { body: JSON.stringify(result.payload), requestId, nowMs: visit.engine.clock.nowMs() };
    return {
      ExecutedVersion: executedVersion,
      Payload: result.payload,
      ...invokeMetadata(answer, result),
      StatusCode: statusCode,
    };
  },
};
