import { requireAccess } from '../access-control';
import { RuntimeFailure } from '../errors';
import { asJson, brief, isObject } from '../json';
import type { Integration } from './integration';
import { actionOf, checkParameters, serviceEvents } from './integration';
import { callerOf } from './caller';

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
    const FunctionName = functionName;
    requireAccess(visit, 'Lambda.AWSLambdaException', 'lambda', 'InvokeFunction', { FunctionName });
    const caller = callerOf(visit);
    const result = await visit.engine.runTask.invokeLambda(functionName, payload, { signal, caller });
    return {
      ExecutedVersion: result.executedVersion,
      Payload: asJson(result.payload),
      SdkHttpMetadata: {
        HttpHeaders: { 'Content-Type': 'application/json', 'x-amzn-RequestId': result.requestId },
        HttpStatusCode: result.statusCode,
      },
      SdkResponseMetadata: { RequestId: result.requestId },
      StatusCode: result.statusCode,
    };
  },
};
