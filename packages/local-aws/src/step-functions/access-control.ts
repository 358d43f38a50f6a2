import { StateFailure } from './errors';
import type { JsonObject } from './json';
import type { Visit } from './state-kind';
import { refusalText } from './tasks/service-failure';

export interface AccessRefusal {
  readonly name: string;
  readonly message: string;
}

/** Who may do what; somebody else knows. */
export interface AccessControl {
  /** A request of the API, by its `Authorization` header. Undefined lets it pass. */
  request(
    authorization: string | undefined,
    operation: string,
    request: JsonObject,
  ): AccessRefusal | undefined;
  /** What an execution asks of a service with its state machine's role. */
  call(
    caller: { readonly roleArn: string; readonly stateMachineArn: string },
    service: 'lambda' | 'states',
    operation: string,
    request: JsonObject,
  ): AccessRefusal | undefined;
}

/**
 * @param error what the state fails with; for integrations the service's general error, which has no name for a refusal
 * @throws StateFailure if the state machine's role does not allow the call
 */
export function requireAccess(
  { thread, engine }: Visit,
  error: string,
  service: 'lambda' | 'states',
  operation: string,
  request: JsonObject,
): void {
  const { roleArn, record } = thread.execution;
  const caller = { roleArn, stateMachineArn: record.stateMachineArn };
  const refusal = engine.accessControl?.call(caller, service, operation, request);
  if (refusal === undefined) return;
  const status = service === 'lambda' ? 403 : 400;
  const prefix = service === 'lambda' ? 'Lambda' : error.startsWith('Sfn.') ? 'Sfn' : 'StepFunctions';
  throw new StateFailure(error, refusalText(prefix, refusal.message, { status, code: refusal.name }));
}
