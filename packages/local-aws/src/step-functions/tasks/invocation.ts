import { requireAccess } from './require-access';
import { StateFailure } from '../errors';
import { asJson, own, type Json } from '../json';
import type { Visit } from '../state-kind';
import type { LambdaResult } from '../task-runner';
import { callerOf } from './caller';
import { refusalText } from './service-failure';

/** Refusals of Lambda itself; what the client or the function reports has no status. */
const STATUS: Readonly<Record<string, number>> = {
  'Lambda.AWSLambdaException': 500,
  'Lambda.InvalidRequestContentException': 400,
  'Lambda.RequestTooLargeException': 413,
  'Lambda.ResourceNotFoundException': 404,
  'Lambda.ServiceException': 500,
  'Lambda.TooManyRequestsException': 429,
};

/** Calls a function with the role of the state machine. Throws StateFailure. */
export async function invoke(
  visit: Visit,
  functionName: string,
  payload: Json,
  signal: AbortSignal,
): Promise<LambdaResult & { readonly payload: Json }> {
  const FunctionName = functionName;
  requireAccess(visit, 'Lambda.AWSLambdaException', 'lambda', 'InvokeFunction', { FunctionName });
  const caller = callerOf(visit);
  try {
    const result = await visit.engine.runTask.invokeLambda(functionName, payload, { signal, caller });
    return { ...result, payload: asJson(result.payload) };
  } catch (error) {
    throw asRefusal(error);
  }
}

function asRefusal(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message } = error;
  const status = own(STATUS, name);
  if (status === undefined) return error;
  return new StateFailure(
    name,
    refusalText('Lambda', message, { status, code: name.replace('Lambda.', '') }),
  );
}

/**
 * What `lambda:invoke` sends: text is the request's body as it stands, so that JSON in it arrives parsed; without a
 * payload the function gets an empty object. Throws StateFailure for text that is no JSON, as Lambda refuses it.
 */
export function sentPayload(payload: Json): Json {
  if (payload === null || payload === '') return {};
  if (typeof payload !== 'string') return payload;
  try {
    return JSON.parse(payload) as Json;
  } catch (error) {
    const message = `Could not parse request body into json: ${(error as Error).message}`;
    const code = 'InvalidRequestContentException';
    throw new StateFailure(`Lambda.${code}`, refusalText('Lambda', message, { status: 400, code }));
  }
}
