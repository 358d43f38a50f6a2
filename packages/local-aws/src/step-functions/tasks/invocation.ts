import { QUALIFIERS_DIFFER, qualifiedName } from '../../function-names';
import { requireAccess } from './require-access';
import { StateFailure } from '../errors';
import { asJson, ownValue, type Json } from '../json';
import type { StateAttempt } from '../state-type';
import type { LambdaResult } from '../task-runner';
import { callerOf } from './caller';
import { serviceErrorCause } from './service-errors';

/** HTTP status of the errors of Lambda itself. Errors of the client and the function have none. */
const STATUS: Readonly<Record<string, number>> = {
  'Lambda.AWSLambdaException': 500,
  'Lambda.InvalidParameterValueException': 400,
  'Lambda.InvalidRequestContentException': 400,
  'Lambda.RequestTooLargeException': 413,
  'Lambda.ResourceNotFoundException': 404,
  'Lambda.ServiceException': 500,
  'Lambda.TooManyRequestsException': 429,
};

/** Invokes a function with the state machine's role. Throws StateFailure. */
export async function invoke(
  attempt: StateAttempt,
  functionName: string,
  payload: Json,
  signal: AbortSignal,
): Promise<LambdaResult & { readonly payload: Json }> {
  const FunctionName = functionName;
  requireAccess(attempt, 'Lambda.AWSLambdaException', 'lambda', 'InvokeFunction', { FunctionName });
  const caller = callerOf(attempt);
  try {
    const result = await attempt.engine.runTask.invokeLambda(functionName, asJson(payload), {
      signal,
      caller,
    });
    return { ...result, payload: asJson(result.payload) };
  } catch (error) {
    throw translateLambdaError(error);
  }
}

/** Joins the parameters FunctionName and Qualifier. Throws StateFailure if the two contradict each other. */
export function targetOf(functionName: string, qualifier: string | undefined): string {
  const target = qualifiedName(functionName, qualifier);
  if (target !== undefined) return target;
  const code = 'InvalidParameterValueException';
  throw new StateFailure(
    `Lambda.${code}`,
    serviceErrorCause('Lambda', QUALIFIERS_DIFFER, { status: 400, code }),
  );
}

function translateLambdaError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message } = error;
  const status = ownValue(STATUS, name);
  if (status === undefined) return error;
  return new StateFailure(
    name,
    serviceErrorCause('Lambda', message, { status, code: name.replace('Lambda.', '') }),
  );
}

/**
 * Builds the payload that `lambda:invoke` sends. A string is the request body, so the function receives JSON in it
 * parsed. Without a payload, the function receives an empty object. Like Lambda, refuses a string that is not JSON.
 * @throws StateFailure
 */
export function lambdaPayload(payload: Json): Json {
  if (payload === null || payload === '') return {};
  if (typeof payload !== 'string') return payload;
  try {
    return JSON.parse(payload) as Json;
  } catch (error) {
    const message = `Could not parse request body into json: ${(error as Error).message}`;
    const code = 'InvalidRequestContentException';
    throw new StateFailure(`Lambda.${code}`, serviceErrorCause('Lambda', message, { status: 400, code }));
  }
}
