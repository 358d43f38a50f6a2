import { StateFailure } from '../errors';
import type { JsonObject } from '../json';
import type { StateAttempt } from '../state-type';
import { serviceErrorCause } from './service-errors';

/**
 * Requires that the state machine's role allows the call.
 * @param error the error name of the failure; for integrations the service's general error
 * @throws StateFailure
 */
export function requireAccess(
  { thread, engine }: StateAttempt,
  error: string,
  service: 'lambda' | 'states',
  operation: string,
  request: JsonObject,
): void {
  const { roleArn, record } = thread.execution;
  const caller = { roleArn, stateMachineArn: record.stateMachineArn };
  const refusal = engine.accessControl?.authorizeExecution(caller, service, operation, request);
  if (refusal === undefined) return;
  const status = service === 'lambda' ? 403 : 400;
  const prefix = service === 'lambda' ? 'Lambda' : error.startsWith('Sfn.') ? 'Sfn' : 'StepFunctions';
  throw new StateFailure(error, serviceErrorCause(prefix, refusal.message, { status, code: refusal.name }));
}
