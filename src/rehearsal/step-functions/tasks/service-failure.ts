import { StateFailure } from '../errors';
import { ServiceError } from '../service/service-error';

/**
 * What a refusal of Step Functions' own API is called in a state that asked: after the integration, and always with
 * `Exception` at its end.
 * @param prefix `StepFunctions` for the optimised integration, `Sfn` for the SDK's
 */
export function failingAs<T>(prefix: 'StepFunctions' | 'Sfn', call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const name = error.type.endsWith('Exception') ? error.type : `${error.type}Exception`;
    throw new StateFailure(`${prefix}.${name}`, `${error.message} (Service: Sfn, Status Code: 400)`);
  }
}
