import type { JsonObject } from './json';

export interface AccessRefusal {
  readonly name: string;
  readonly message: string;
}

/** Who may do what; somebody else knows. */
export interface AccessControl {
  /** A request of the API, by its `Authorization` header. Undefined lets it pass. */
  authorizeRequest(
    authorization: string | undefined,
    operation: string,
    request: JsonObject,
  ): AccessRefusal | undefined;
  /** What an execution asks of a service with its state machine's role. */
  authorizeExecution(
    caller: { readonly roleArn: string; readonly stateMachineArn: string },
    service: 'lambda' | 'states',
    operation: string,
    request: JsonObject,
  ): AccessRefusal | undefined;
}
